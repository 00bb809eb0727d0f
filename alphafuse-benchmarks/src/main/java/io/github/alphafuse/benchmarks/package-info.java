/** Measurements of whole steps: training, prediction, decomposition, loading and serving. */
@NullMarked
package io.github.alphafuse.benchmarks;

import org.jspecify.annotations.NullMarked;
