/** The null space of language embeddings: moments, eigendecomposition, projection. */
@NullMarked
package io.github.alphafuse.core.nullspace;

import org.jspecify.annotations.NullMarked;
