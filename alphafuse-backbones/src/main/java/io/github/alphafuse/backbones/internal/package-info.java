/** Kernels of the fused CPU engine. Not part of the public interface; it may change at any time. */
@NullMarked
package io.github.alphafuse.backbones.internal;

import org.jspecify.annotations.NullMarked;
