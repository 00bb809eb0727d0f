package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbeddingReader;
import io.github.alphafuse.core.storage.ArchiveReader;
import java.util.Map;

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

  /** Overwrites weights with those of the same names in an archive. */
  static void readInto(Map<String, Tensor> weights, ArchiveReader archive) {
    weights.forEach(
        (name, weight) -> {
          Tensor stored = archive.array(name, weight.shape());
          checkArgument(
              stored.elementType() == weight.elementType(),
              "weight '%s' must be of type %s, found %s",
              name,
              weight.elementType(),
              stored);
          weight.copyFrom(stored);
        });
  }
}
