package io.github.alphafuse.backbones.model;

/**
 * The loss that training minimises. The type of a sequence model says which kind of loss trains it;
 * graph models document the losses that they accept.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface Loss {}
