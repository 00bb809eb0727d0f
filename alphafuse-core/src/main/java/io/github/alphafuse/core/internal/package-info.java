/** Products and factorisations of dense matrices; not part of the public interface. */
@NullMarked
package io.github.alphafuse.core.internal;

import org.jspecify.annotations.NullMarked;
