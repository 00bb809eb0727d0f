/**
 * The options of the command line: groups of options that commands share, the converters of their
 * values, and the objects that they build.
 */
@NullMarked
package io.github.alphafuse.examples.option;

import org.jspecify.annotations.NullMarked;
