/** SASRec on any item embedding. */
@NullMarked
package io.github.alphafuse.backbones.sasrec;

import org.jspecify.annotations.NullMarked;
