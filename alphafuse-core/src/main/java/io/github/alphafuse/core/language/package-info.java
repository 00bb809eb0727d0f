/** Language embeddings of items: sources and streaming. */
@NullMarked
package io.github.alphafuse.core.language;

import org.jspecify.annotations.NullMarked;
