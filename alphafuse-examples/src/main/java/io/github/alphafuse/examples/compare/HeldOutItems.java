package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.data.TrainingData;
import io.github.alphafuse.examples.option.CommandFailedException;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Data with new items. These items, and their text, are held out of training completely. They are
 * the targets of the test, in which a model knows only their text.
 *
 * <p>Kept items are rows 0 to K - 1, in their old order; held-out items follow as rows K to N - 1.
 */
final class HeldOutItems {
  private final TrainingData kept;
  private final DatasetSplit tested;
  private final LanguageEmbeddings text;

  private HeldOutItems(TrainingData kept, DatasetSplit tested, LanguageEmbeddings text) {
    this.kept = kept;
    this.tested = tested;
    this.text = text;
  }

  /** Returns the data to train on, which has the kept items only. */
  TrainingData kept() {
    return kept;
  }

  /**
   * Returns a split over all items: the same training and validation examples, and the test
   * examples whose target is held out.
   */
  DatasetSplit tested() {
    return tested;
  }

  /** Holds out a random share of the items. */
  static HeldOutItems of(TrainingData source, double share, long seed) {
    int items = source.embeddings().itemCount();
    int held = (int) Math.round(items * share);
    int[] order = IntStream.range(0, items).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = items - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    if (held == 0 || held > items - 2) {
      throw new CommandFailedException(
          "--new_items "
              + share
              + " must hold out at least 1 of "
              + items
              + " items and keep 2, found "
              + held);
    }
    int count = items - held;
    Arrays.sort(order, 0, count);
    Arrays.sort(order, count, items);
    int[] newRow = new int[items];
    for (int i = 0; i < items; i++) {
      newRow[order[i]] = i;
    }
    DatasetSplit split = source.split();
    ItemVocabulary old = split.vocabulary();
    ItemVocabulary all = ItemVocabulary.of(Arrays.stream(order).mapToObj(old::id).toList());
    ItemVocabulary those =
        ItemVocabulary.of(Arrays.stream(order, 0, count).mapToObj(old::id).toList());
    Tensor rows = source.embeddings().toTensor();
    LanguageEmbeddings keptText = rows(rows, order, 0, count);
    Rows mapped = new Rows(newRow, count);
    DatasetSplit reduced =
        DatasetSplit.builder(those)
            .train(mapped.withoutHeld(split.train(), those))
            .validation(mapped.withoutHeld(split.validation(), those))
            .build();
    DatasetSplit tested =
        DatasetSplit.builder(all)
            .train(mapped.withoutHeld(split.train(), all))
            .validation(mapped.withoutHeld(split.validation(), all))
            .test(mapped.ofHeld(split.test(), all))
            .build();
    if (tested.test().isEmpty()) {
      throw new CommandFailedException(
          "--new_items "
              + share
              + " holds out "
              + held
              + " items, none of which is a target of the test");
    }
    return new HeldOutItems(
        new TrainingData(
            source.name() + ", " + held + " of " + items + " items held out",
            keptText,
            reduced,
            Optional.empty()),
        tested,
        rows(rows, order, count, items));
  }

  private static LanguageEmbeddings rows(Tensor all, int[] order, int from, int to) {
    int dim = all.shape(1);
    Tensor rows = Tensor.zeros(all.elementType(), to - from, dim);
    for (int i = from; i < to; i++) {
      for (int j = 0; j < dim; j++) {
        rows.set((i - from) * dim + j, all.get(order[i] * dim + j));
      }
    }
    return LanguageEmbeddings.of(rows);
  }

  /** The new row of each item. Rows from {@code kept} on are held out. */
  private record Rows(int[] newRow, int kept) {
    /** Returns the sequences without held-out items, if at least two items are left. */
    Examples withoutHeld(Examples examples, ItemVocabulary vocabulary) {
      Examples.Builder reduced = Examples.builder(vocabulary);
      for (int i = 0; i < examples.size(); i++) {
        int[] sequence =
            IntStream.concat(Arrays.stream(examples.history(i)), IntStream.of(examples.target(i)))
                .map(item -> newRow[item])
                .filter(item -> item < kept)
                .toArray();
        if (sequence.length > 1) {
          int last = sequence.length - 1;
          reduced.add(examples.user(i), Arrays.copyOf(sequence, last), sequence[last]);
        }
      }
      return reduced.build();
    }

    /** Returns the examples whose target is held out. */
    Examples ofHeld(Examples examples, ItemVocabulary vocabulary) {
      Examples.Builder held = Examples.builder(vocabulary);
      for (int i = 0; i < examples.size(); i++) {
        if (newRow[examples.target(i)] >= kept) {
          held.add(
              examples.user(i),
              Arrays.stream(examples.history(i)).map(item -> newRow[item]).toArray(),
              newRow[examples.target(i)]);
        }
      }
      return held.build();
    }
  }

  /** Returns a model with the new items, if it can add items by their text. */
  Optional<RankingModel> extend(SequenceModel<?> model) {
    if (!(model.items() instanceof ExtendableItems)) {
      return Optional.empty();
    }
    int known = model.vocabulary().size();
    return Optional.of(
        model.withNewItems(tested.vocabulary().ids().subList(known, tested.itemCount()), text));
  }
}
