/** DreamRec: recommendation by generating the next item's row, on any item embedding. */
@NullMarked
package io.github.alphafuse.backbones.dreamrec;

import org.jspecify.annotations.NullMarked;
