/**
 * Programs of some thirty lines, to start from: a service, an experiment, and one building block
 * alone.
 */
@NullMarked
package io.github.alphafuse.examples.programs;

import org.jspecify.annotations.NullMarked;
