/**
 * Scores of all items and the best of them. Not part of the public interface; it may change at any
 * time.
 */
@NullMarked
package io.github.alphafuse.backbones.internal.ranking;

import org.jspecify.annotations.NullMarked;
