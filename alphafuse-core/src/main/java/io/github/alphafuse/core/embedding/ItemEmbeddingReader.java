package io.github.alphafuse.core.embedding;

import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.storage.ArchiveReader;

/**
 * Reads item embeddings of some kinds from saved models.
 *
 * <p>Implementations are found by {@link java.util.ServiceLoader}: a module, or a user's own code,
 * that brings a kind of {@link ItemEmbedding} names its reader in {@code
 * META-INF/services/io.github.alphafuse.core.embedding.ItemEmbeddingReader}. They must be
 * thread-safe.
 */
public interface ItemEmbeddingReader {

  /**
   * The kinds that it reads.
   *
   * @return what {@link ItemEmbedding#kind()} gives for them
   */
  ImmutableSet<String> kinds();

  /**
   * Reads an embedding.
   *
   * @param kind one of {@link #kinds()}
   * @param archive the section that {@link ItemEmbedding#write} wrote
   * @return the embedding
   * @throws IllegalArgumentException if something is missing or does not fit
   */
  ItemEmbedding read(String kind, ArchiveReader archive);
}
