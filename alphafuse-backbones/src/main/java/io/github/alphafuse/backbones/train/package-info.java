/** Training: batches, optimizers, early stopping, reports. */
@NullMarked
package io.github.alphafuse.backbones.train;

import org.jspecify.annotations.NullMarked;
