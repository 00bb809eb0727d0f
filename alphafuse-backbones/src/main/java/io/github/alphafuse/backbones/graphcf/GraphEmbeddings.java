package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.Tensor;

/**
 * The vectors of all nodes after propagation, of length 1 if the model scores by cosine.
 *
 * @param users [U, d]
 * @param items [N, d]
 */
public record GraphEmbeddings(Tensor users, Tensor items) {}
