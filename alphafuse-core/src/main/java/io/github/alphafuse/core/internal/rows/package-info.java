/**
 * Rows, and dense matrices of them, in either precision; not part of the public interface. Like the
 * package above, it is for the project's own modules alone.
 */
@NullMarked
package io.github.alphafuse.core.internal.rows;

import org.jspecify.annotations.NullMarked;
