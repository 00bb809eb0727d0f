/** Arrays in NumPy's {@code .npy} format. Not part of the public interface. */
@NullMarked
package io.github.alphafuse.core.internal.npy;

import org.jspecify.annotations.NullMarked;
