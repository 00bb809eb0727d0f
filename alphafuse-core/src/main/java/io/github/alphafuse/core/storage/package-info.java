/** Archives: files with a manifest, arrays and texts that are checked when they are read. */
@NullMarked
package io.github.alphafuse.core.storage;

import org.jspecify.annotations.NullMarked;
