/** Archives: one file with a manifest, arrays and texts, checked when it is read. */
@NullMarked
package io.github.alphafuse.core.storage;

import org.jspecify.annotations.NullMarked;
