package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.strategy.Adapter.Input;
import io.github.alphafuse.backbones.strategy.Adapter.Pass;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.embedding.TrainingItems;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An item embedding whose rows a trained adapter computes from frozen language rows: {@link MoRec},
 * {@link WhitenRec} and {@link UniSRec}.
 *
 * <p>No trained number belongs to a single item, so items without interactions have rows like any
 * other, and {@linkplain #withNewItems new items} need only their text. In training the adapter
 * runs once per step, over the different items of the batch ({@link #forTraining}). This embedding
 * itself computes rows at each call, without dropout and noise. The padding item's row is 0.
 *
 * <p>Legend: N items, d_l language dimension, d embedding dimension. Reading is thread-safe while
 * no parameter is written.
 */
public final class AdaptedItemEmbedding implements ExtendableItems {
  static final String KIND = "adapted";

  /** The number of items that are computed at once for the whole table. */
  private static final int CHUNK = 4096;

  private final String strategy;
  private final Tensor language; // [N, d_l]
  private final @Nullable LanguageMap map;
  private final Adapter adapter;
  private final TextOrigin origin;

  AdaptedItemEmbedding(
      String strategy,
      Tensor language,
      @Nullable LanguageMap map,
      Adapter adapter,
      TextOrigin origin) {
    checkArgument(
        language.shape(1) == adapter.languageDim(),
        "language rows must have %s columns as the adapter, found %s",
        adapter.languageDim(),
        language.shape(1));
    this.strategy = strategy;
    this.language = language;
    this.map = map;
    this.adapter = adapter;
    this.origin = origin;
  }

  /**
   * The name of the strategy.
   *
   * @return for example {@code MoRec}
   */
  public String strategy() {
    return strategy;
  }

  /**
   * The width of the adapter's frozen input rows.
   *
   * @return d_l, or the number of directions that whitening kept
   */
  public int languageDim() {
    return language.shape(1);
  }

  /**
   * The projector that whitened the rows.
   *
   * @return the projector, if they were whitened here
   */
  public Optional<NullSpaceProjector> projector() {
    return map instanceof LanguageMap.Whitened whitened
        ? Optional.of(whitened.projector())
        : Optional.empty();
  }

  @Override
  public int itemCount() {
    return language.shape(0);
  }

  @Override
  public int dim() {
    return adapter.dim();
  }

  @Override
  public ElementType elementType() {
    return language.elementType();
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return adapter.parameters();
  }

  @Override
  public void gather(int[] ids, Tensor rows, int at) {
    requireIds(ids);
    requireRows("rows", rows, at + ids.length);
    int[] items = items(ids);
    Rows computed = Rows.of(rows(Input.forInference(language, items)));
    Rows target = Rows.of(rows);
    for (int r = 0, next = 0; r < ids.length; r++) {
      if (ids[r] == itemCount()) {
        target.clear(at + r);
      } else {
        target.copy(at + r, computed, next++);
      }
    }
  }

  /** The ids without those of the padding item. */
  private int[] items(int[] ids) {
    return Arrays.stream(ids).filter(id -> id != itemCount()).toArray();
  }

  private Tensor rows(Input input) {
    Tensor computed = Tensor.zeros(elementType(), input.items().length, dim());
    try (Pass pass = adapter.newPass()) {
      pass.forward(input, computed);
    }
    return computed;
  }

  @Override
  public void accumulate(int[] ids, Tensor rowGradients, Gradients gradients) {
    requireIds(ids);
    requireRows("rowGradients", rowGradients, ids.length);
    int[] items = items(ids);
    Tensor own = Tensor.zeros(elementType(), items.length, dim());
    Rows ofItems = Rows.of(own);
    for (int r = 0, next = 0; r < ids.length; r++) {
      if (ids[r] != itemCount()) {
        ofItems.copy(next++, Rows.of(rowGradients), r);
      }
    }
    try (Pass pass = adapter.newPass()) {
      pass.forward(
          Input.forInference(language, items), Tensor.zeros(elementType(), items.length, dim()));
      pass.backward(own, gradients);
    }
  }

  @Override
  public int firstTrainedColumn() {
    return 0;
  }

  @Override
  public Tensor table() {
    return table(language);
  }

  private Tensor table(Tensor languageRows) {
    int count = languageRows.shape(0);
    Tensor table = Tensor.zeros(elementType(), count, dim());
    try (Pass pass = adapter.newPass()) {
      Tensor chunk = Tensor.zeros(elementType(), Math.min(CHUNK, count), dim());
      for (int from = 0; from < count; from += CHUNK) {
        int[] items = IntStream.range(from, Math.min(count, from + CHUNK)).toArray();
        pass.forward(Input.forInference(languageRows, items), chunk);
        Rows.of(table).rows(from, from + items.length).copyFrom(Rows.of(chunk));
      }
    }
    return table;
  }

  @Override
  public void accumulateTable(Tensor tableGradient, Gradients gradients) {
    checkArgument(
        tableGradient.rank() == 2 && tableGradient.shape(0) == itemCount(),
        "tableGradient must have %s rows, found %s",
        itemCount(),
        tableGradient);
    accumulate(IntStream.range(0, itemCount()).toArray(), tableGradient, gradients);
  }

  /**
   * The rows of items that are not in the catalogue, from their language embeddings alone.
   *
   * @param languageRows [M, d_l]; normalised, scaled and whitened here like those of the catalogue
   * @return [M, d]
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the catalogue's rows were prepared elsewhere
   */
  public Tensor newItems(LanguageEmbeddings languageRows) {
    return table(prepared(languageRows));
  }

  /**
   * A catalogue with new items after those of this one.
   *
   * @param text [M, d_l], the new items, which become rows N to N + M - 1
   * @return an embedding of N + M items that shares its trained weights with this one
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the catalogue's rows were prepared elsewhere
   */
  @Override
  public AdaptedItemEmbedding withNewItems(LanguageEmbeddings text) {
    return new AdaptedItemEmbedding(
        strategy, language.append(prepared(text)), map, adapter, origin.append(text));
  }

  private Tensor prepared(LanguageEmbeddings languageRows) {
    checkState(map != null, "new items need raw text, and these rows were prepared elsewhere");
    int expected = projector().map(NullSpaceProjector::languageDim).orElse(languageDim());
    checkArgument(
        languageRows.dim() == expected,
        "new items must have %s columns as the catalogue, found %s",
        expected,
        languageRows.dim());
    return map.apply(languageRows, elementType());
  }

  @Override
  public TrainingItems forTraining() {
    return new Training();
  }

  @Override
  public TextOrigin origin() {
    return origin;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void write(ArchiveWriter archive) {
    archive
        .setting("strategy", strategy)
        .setting("itemCount", itemCount())
        .setting("languageDim", languageDim())
        .setting("dim", dim())
        .setting("adapter", adapter.kind())
        .setting("hasMap", map != null);
    origin.write(archive);
    archive.array("language", language);
    adapter.writeSettings(archive);
    adapter.parameters().forEach(archive::array);
    if (map != null) {
      map.write(archive.section("map"));
    }
  }

  static AdaptedItemEmbedding read(ArchiveReader archive) {
    Tensor language =
        archive.array(
            "language", archive.intSetting("itemCount"), archive.intSetting("languageDim"));
    int dim = archive.intSetting("dim");
    archive.requireNumbers("dim", dim, language.shape(1));
    String kind = archive.stringSetting("adapter");
    Adapter adapter =
        switch (kind) {
          case GeluAdapter.KIND ->
              GeluAdapter.initial(
                  language.elementType(),
                  new int[] {dim, language.shape(1)},
                  new SplittableRandom(0));
          case ExpertsAdapter.KIND ->
              ExpertsAdapter.initial(ExpertsAdapter.readSettings(archive), language, dim, null);
          case LinearPairAdapter.KIND -> LinearPairAdapter.sized(archive, language, dim);
          default ->
              throw new IllegalArgumentException(
                  "adapter must be of kind '"
                      + GeluAdapter.KIND
                      + "', '"
                      + ExpertsAdapter.KIND
                      + "' or '"
                      + LinearPairAdapter.KIND
                      + "', found '"
                      + kind
                      + "'");
        };
    archive.readInto(adapter.parameters());
    return new AdaptedItemEmbedding(
        archive.stringSetting("strategy"),
        language,
        archive.booleanSetting("hasMap") ? LanguageMap.read(archive.section("map")) : null,
        adapter,
        TextOrigin.read(archive));
  }

  private void requireIds(int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] > itemCount()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "ids[%d] must lie in [0, %d], %d being the padding item, found %d",
                i,
                itemCount(),
                itemCount(),
                ids[i]));
      }
    }
  }

  private void requireRows(String name, Tensor rows, int count) {
    checkArgument(
        rows.rank() == 2 && rows.shape(0) >= count && rows.shape(1) == dim(),
        "%s must have shape [%s, %s] or more rows, found %s",
        name,
        count,
        dim(),
        rows);
    checkArgument(
        rows.elementType() == elementType(),
        "%s must be of type %s, found %s",
        name,
        elementType(),
        rows.elementType());
  }

  /**
   * A short description.
   *
   * @return the strategy, its sizes and settings
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s[items=%d, languageDim=%d, dim=%d, %s]",
        strategy,
        itemCount(),
        languageDim(),
        dim(),
        adapter);
  }

  /** The items of a step: M rows and their gradients. */
  private final class Training implements TrainingItems {
    private static final int ABSENT = -1;

    private final Pass pass = adapter.newPass();
    private final int[] places = new int[itemCount()]; // index of each item within the step
    private final StepRows view = new StepRows();
    private Tensor rows = Tensor.zeros(elementType(), 0, dim()); // [M, d]
    private Tensor rowGradients = rows; // [M, d]
    private int count;

    @Override
    public ItemEmbedding rows() {
      return view;
    }

    @Override
    public void begin(RandomGenerator random, int[]... ids) {
      for (int[] some : ids) {
        requireIds(some);
      }
      Arrays.fill(places, ABSENT);
      for (int[] some : ids) {
        for (int id : some) {
          if (id < places.length) {
            places[id] = 0;
          }
        }
      }
      int[] items = IntStream.range(0, places.length).filter(i -> places[i] == 0).toArray();
      count = items.length;
      for (int m = 0; m < count; m++) {
        places[items[m]] = m;
      }
      if (rows.shape(0) < count) {
        // The next batch may have a few more items.
        int height = Math.min(places.length, count + count / 8);
        rows = Tensor.zeros(elementType(), height, dim());
        rowGradients = Tensor.zeros(elementType(), height, dim());
      } else {
        Rows.of(rowGradients).rows(0, count).clear();
      }
      long seed = adapter.draws() ? random.nextLong() : 0;
      pass.forward(new Input(language, items, true, seed), rows);
    }

    @Override
    public double end(Gradients gradients) {
      gradients.clear(parameters().keySet());
      pass.backward(rowGradients, gradients);
      return 0;
    }

    @Override
    public void close() {
      pass.close();
    }

    /** Looks up rows among those of the step, and sums their gradients. */
    private final class StepRows implements ItemEmbedding {
      @Override
      public int itemCount() {
        return AdaptedItemEmbedding.this.itemCount();
      }

      @Override
      public int dim() {
        return AdaptedItemEmbedding.this.dim();
      }

      @Override
      public ElementType elementType() {
        return AdaptedItemEmbedding.this.elementType();
      }

      /**
       * No parameters of its own, since the end of the step passes the gradients to the adapter's
       * weights.
       */
      @Override
      public ImmutableMap<String, Tensor> parameters() {
        return ImmutableMap.of();
      }

      private int place(int id) {
        int place = places[id];
        checkState(place != ABSENT, "item %s is not among those that the step began with", id);
        return place;
      }

      @Override
      public void gather(int[] ids, Tensor target, int at) {
        requireIds(ids);
        requireRows("rows", target, at + ids.length);
        Rows all = Rows.of(target);
        Rows computed = Rows.of(rows);
        for (int r = 0; r < ids.length; r++) {
          if (ids[r] == places.length) {
            all.clear(at + r);
          } else {
            all.copy(at + r, computed, place(ids[r]));
          }
        }
      }

      @Override
      public void accumulate(int[] ids, Tensor source, Gradients gradients) {
        requireIds(ids);
        requireRows("rowGradients", source, ids.length);
        Rows sums = Rows.of(rowGradients);
        Rows added = Rows.of(source);
        for (int r = 0; r < ids.length; r++) {
          if (ids[r] != places.length) {
            sums.addScaled(place(ids[r]), 1, added, r);
          }
        }
      }

      @Override
      public int firstTrainedColumn() {
        return 0;
      }

      @Override
      public Tensor table() {
        checkState(count == places.length, "the step began with %s items, not with all", count);
        return rows.firstRows(count);
      }

      @Override
      public void accumulateTable(Tensor tableGradient, Gradients gradients) {
        accumulate(IntStream.range(0, itemCount()).toArray(), tableGradient, gradients);
      }

      @Override
      public String kind() {
        return AdaptedItemEmbedding.this.kind();
      }

      @Override
      public void write(ArchiveWriter archive) {
        AdaptedItemEmbedding.this.write(archive);
      }
    }
  }
}
