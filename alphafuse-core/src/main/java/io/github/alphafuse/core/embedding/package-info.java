/** Item embeddings: what a backbone reads rows from and gives row gradients back to. */
@NullMarked
package io.github.alphafuse.core.embedding;

import org.jspecify.annotations.NullMarked;
