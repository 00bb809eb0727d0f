/**
 * The encoder of histories as a graph and as fused kernels. Not part of the public interface; it
 * may change at any time.
 */
@NullMarked
package io.github.alphafuse.backbones.internal.encoder;

import org.jspecify.annotations.NullMarked;
