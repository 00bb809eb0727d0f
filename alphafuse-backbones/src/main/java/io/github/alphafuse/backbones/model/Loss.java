package io.github.alphafuse.backbones.model;

/**
 * The loss that training minimises. The type of a model says which kind of loss trains it.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface Loss {}
