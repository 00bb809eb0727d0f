/** Language embeddings of items: where they are read from and how they are streamed. */
@NullMarked
package io.github.alphafuse.core.language;

import org.jspecify.annotations.NullMarked;
