package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A model whose scores are hashes, and which counts its open scorers.
 *
 * @param seed what the scores depend on
 * @param vocabulary the items
 * @param open the scorers that are not closed
 */
record HashModel(long seed, ItemVocabulary vocabulary, AtomicInteger open) implements RankingModel {

  static HashModel of(long seed, int items, AtomicInteger open) {
    return new HashModel(
        seed,
        ItemVocabulary.of(IntStream.range(0, items).mapToObj(i -> "item-" + i).toList()),
        open);
  }

  @Override
  public Similarity similarity() {
    return Similarity.INNER_PRODUCT;
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return ImmutableMap.of();
  }

  @Override
  public RankingModel withNewItems(List<String> ids, LanguageEmbeddings text) {
    return new HashModel(seed, vocabulary.withNewItems(ids, text), open);
  }

  @Override
  public ItemScorer scorer() {
    open.incrementAndGet();
    return new HashScorer();
  }

  @Override
  public void save(Path path) {
    throw new UnsupportedOperationException();
  }

  /** A scorer that fails if it is used after it was closed, or closed during a use or twice. */
  private final class HashScorer implements ItemScorer {
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public int itemCount() {
      return vocabulary.size();
    }

    @Override
    public Tensor score(int[][] histories) {
      checkState(calls.incrementAndGet() > 0, "a closed scorer is used");
      try {
        Tensor scores = Tensor.zeros(ElementType.FLOAT32, histories.length, itemCount());
        for (int b = 0; b < histories.length; b++) {
          int last = histories[b][histories[b].length - 1];
          for (int i = 0; i < itemCount(); i++) {
            scores.set(b * itemCount() + i, (31 * (last + 1) + 17 * seed) * (i + 7) % 1009);
          }
        }
        return scores;
      } finally {
        calls.decrementAndGet();
      }
    }

    @Override
    public void close() {
      checkState(calls.compareAndSet(0, -1_000_000), "closed during a use, or twice");
      open.decrementAndGet();
    }
  }
}
