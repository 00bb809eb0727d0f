/** The sub-commands of the command line. */
@NullMarked
package io.github.alphafuse.examples.command;

import org.jspecify.annotations.NullMarked;
