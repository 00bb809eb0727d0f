/**
 * The options of the command line: groups that commands take, how their values are read, and what
 * they make.
 */
@NullMarked
package io.github.alphafuse.examples.option;

import org.jspecify.annotations.NullMarked;
