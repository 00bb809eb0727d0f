/** Recommendations for the histories of a live service. */
@NullMarked
package io.github.alphafuse.backbones.serve;

import org.jspecify.annotations.NullMarked;
