/** Ranking metrics over the full catalogue. */
@NullMarked
package io.github.alphafuse.backbones.evaluate;

import org.jspecify.annotations.NullMarked;
