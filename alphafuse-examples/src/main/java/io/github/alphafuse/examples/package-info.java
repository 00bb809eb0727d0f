/** The command line. */
@NullMarked
package io.github.alphafuse.examples;

import org.jspecify.annotations.NullMarked;
