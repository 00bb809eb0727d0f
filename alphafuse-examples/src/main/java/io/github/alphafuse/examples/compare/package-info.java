/**
 * Comparisons and searches: methods under one protocol, their runs, and the tables and pictures of
 * the results.
 */
@NullMarked
package io.github.alphafuse.examples.compare;

import org.jspecify.annotations.NullMarked;
