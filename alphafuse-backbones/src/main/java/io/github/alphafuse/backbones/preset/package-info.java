/** The settings of the papers, by data set. */
@NullMarked
package io.github.alphafuse.backbones.preset;

import org.jspecify.annotations.NullMarked;
