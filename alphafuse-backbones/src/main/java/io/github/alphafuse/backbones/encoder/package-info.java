/** The sequence encoder: its sizes, its named weights and its SameDiff graph. */
@NullMarked
package io.github.alphafuse.backbones.encoder;

import org.jspecify.annotations.NullMarked;
