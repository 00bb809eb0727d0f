/** JMH benchmarks of single blocks of the library. */
@NullMarked
package io.github.alphafuse.benchmarks.block;

import org.jspecify.annotations.NullMarked;
