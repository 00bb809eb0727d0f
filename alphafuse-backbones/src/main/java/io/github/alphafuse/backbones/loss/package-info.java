/** Losses over a user vector and item rows, as SameDiff graphs, and the sampling of negatives. */
@NullMarked
package io.github.alphafuse.backbones.loss;

import org.jspecify.annotations.NullMarked;
