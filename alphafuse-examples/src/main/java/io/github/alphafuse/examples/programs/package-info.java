/** Short programs to start from: a service, an experiment, and a single building block. */
@NullMarked
package io.github.alphafuse.examples.programs;

import org.jspecify.annotations.NullMarked;
