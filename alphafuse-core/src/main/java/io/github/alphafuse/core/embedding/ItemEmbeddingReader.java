package io.github.alphafuse.core.embedding;

import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.storage.ArchiveReader;

/**
 * A reader of certain kinds of item embeddings from saved models.
 *
 * <p>Implementations are found by {@link java.util.ServiceLoader}. A module or an application that
 * adds a kind of {@link ItemEmbedding} names its reader in {@code
 * META-INF/services/io.github.alphafuse.core.embedding.ItemEmbeddingReader}. Implementations must
 * be thread-safe.
 */
public interface ItemEmbeddingReader {

  /**
   * The kinds that this reader reads.
   *
   * @return the values of {@link ItemEmbedding#kind()}
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
