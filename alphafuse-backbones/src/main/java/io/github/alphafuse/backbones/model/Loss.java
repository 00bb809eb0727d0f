package io.github.alphafuse.backbones.model;

/**
 * The loss that training minimises. Each model documents the losses that it accepts.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface Loss {}
