/** Encoders: from the texts of items to language embeddings. */
@NullMarked
package io.github.alphafuse.text;

import org.jspecify.annotations.NullMarked;
