/** What every recommender offers to training, evaluation and serving. */
@NullMarked
package io.github.alphafuse.backbones.model;

import org.jspecify.annotations.NullMarked;
