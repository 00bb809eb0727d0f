/** Graph collaborative filtering: LightGCN and AlphaRec on a sparse graph of users and items. */
@NullMarked
package io.github.alphafuse.backbones.graphcf;

import org.jspecify.annotations.NullMarked;
