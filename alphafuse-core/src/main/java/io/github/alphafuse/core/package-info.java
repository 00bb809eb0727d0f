/** Arrays on the Java heap that the rest of the library is built on. */
@NullMarked
package io.github.alphafuse.core;

import org.jspecify.annotations.NullMarked;
