package io.github.alphafuse.backbones.model;

/**
 * What a model is trained to make small. Each model says which losses it takes.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface Loss {}
