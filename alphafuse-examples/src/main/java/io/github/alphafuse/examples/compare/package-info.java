/**
 * What is run and reported: methods under one protocol, their runs, and the tables and pictures of
 * what they come to.
 */
@NullMarked
package io.github.alphafuse.examples.compare;

import org.jspecify.annotations.NullMarked;
