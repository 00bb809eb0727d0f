package io.github.alphafuse.backbones.strategy;

import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbeddingReader;
import io.github.alphafuse.core.storage.ArchiveReader;

/** Reads the item embeddings of this package from saved models. Thread-safe. */
public final class StrategyReader implements ItemEmbeddingReader {

  /** A reader, for the service loader. */
  public StrategyReader() {}

  @Override
  public ImmutableSet<String> kinds() {
    return ImmutableSet.of(AdaptedItemEmbedding.KIND, RlmRec.KIND, LlmEsr.KIND);
  }

  @Override
  public ItemEmbedding read(String kind, ArchiveReader archive) {
    return switch (kind) {
      case AdaptedItemEmbedding.KIND -> AdaptedItemEmbedding.read(archive);
      case RlmRec.KIND -> RlmRec.read(archive);
      case LlmEsr.KIND -> LlmEsr.read(archive);
      default ->
          throw new IllegalArgumentException(
              "kind must be one of " + kinds() + ", found '" + kind + "'");
    };
  }
}
