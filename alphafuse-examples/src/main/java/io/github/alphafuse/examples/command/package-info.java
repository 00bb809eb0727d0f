/** The sub-commands of the command line, their option groups and what they print. */
@NullMarked
package io.github.alphafuse.examples.command;

import org.jspecify.annotations.NullMarked;
