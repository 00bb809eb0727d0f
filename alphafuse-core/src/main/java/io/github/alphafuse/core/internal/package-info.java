/**
 * Threads, products and factorisations of dense matrices, and files that are written at once; not
 * part of the public interface. It is a floor for the engines of the project's own modules,
 * alphafuse-backbones first of all, and may change with every release. Nobody else may use it,
 * except that the command line writes its files by the same class; the house rules of the
 * architecture tests hold this.
 */
@NullMarked
package io.github.alphafuse.core.internal;

import org.jspecify.annotations.NullMarked;
