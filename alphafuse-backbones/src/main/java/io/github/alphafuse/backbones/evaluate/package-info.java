/** Ranking metrics over the full catalogue or sampled items, of all examples and of groups. */
@NullMarked
package io.github.alphafuse.backbones.evaluate;

import org.jspecify.annotations.NullMarked;
