package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The AlphaFuse item embedding: a frozen language part Z and a trained ID part E_ID in its null
 * space.
 *
 * <pre>
 * fused = Z + [0 ; E_ID]                (add)
 * fused = [Z[:, :d - d_n] ; E_ID]       (cover)
 * </pre>
 *
 * <p>Only E_ID is trained; Z never gets a gradient. A new item needs no training: its language row
 * alone gives its row, with E_ID = 0 ({@link #newItem}).
 *
 * <p>Legend: N items, d embedding dimension, d_n null dimension, k columns of Z. Z has shape [N,
 * k], E_ID [N + 1, d_n], its last row the padding item. Reading is thread-safe while E_ID is not
 * written.
 *
 * <p>See: Guoqing Hu et al., "AlphaFuse", SIGIR 2025, section 3.3.
 */
public final class FusedItemEmbedding implements ExtendableItems {
  static final String KIND = "fused";
  private static final ArchiveFormat FORMAT = new ArchiveFormat("fused-item-embedding", 1);

  /** The name of the trained table E_ID among the {@link #parameters()}. */
  public static final String ID_TABLE = "item_embedding.id";

  private final Tensor language;
  private final Tensor id;
  private final boolean cover;
  private final @Nullable NullSpaceProjector projector;
  private final TextOrigin origin;
  private final ImmutableMap<String, Tensor> parameters;

  private FusedItemEmbedding(
      Tensor language,
      Tensor id,
      boolean cover,
      @Nullable NullSpaceProjector projector,
      TextOrigin origin) {
    this.language = language;
    this.id = id;
    this.origin = origin;
    this.cover = cover;
    this.projector = projector;
    this.parameters = id.shape(1) == 0 ? ImmutableMap.of() : ImmutableMap.of(ID_TABLE, id);
  }

  /**
   * A builder of the embedding of a catalogue.
   *
   * @param projector a fitted projector, which determines the widths of the parts and how they are
   *     combined
   * @param embeddings the language embeddings of all items [N, d_l]
   * @return the builder
   * @throws IllegalArgumentException if the width is not the projector's
   */
  public static Builder builder(NullSpaceProjector projector, LanguageEmbeddings embeddings) {
    checkArgument(
        embeddings.dim() == projector.languageDim(),
        "embeddings must have %s columns as the projector was fitted to, found %s",
        projector.languageDim(),
        embeddings.dim());
    return new Builder(projector, embeddings, null, projector.embeddingDim(), projector.nullDim());
  }

  /**
   * A builder of an embedding over rows that were projected elsewhere.
   *
   * @param projected Z [N, k], without a padding row; copied
   * @param nullDim d_n
   * @param cover whether E_ID is appended as the last columns (d = k + d_n) instead of being added
   *     to them (d = k)
   * @return the builder
   * @throws IllegalArgumentException if the rank is not 2, a number is not finite or d_n does not
   *     fit
   */
  public static Builder ofProjected(Tensor projected, int nullDim, boolean cover) {
    checkArgument(
        projected.rank() == 2 && projected.shape(0) >= 1,
        "projected must have shape [items, columns] with at least one item, found %s",
        projected);
    requireFinite("projected", projected);
    checkArgument(
        nullDim >= 0 && (cover || nullDim <= projected.shape(1)),
        "nullDim must lie in [0, %s], found %s",
        projected.shape(1),
        nullDim);
    int dim = cover ? projected.shape(1) + nullDim : projected.shape(1);
    Builder builder = new Builder(null, null, projected, dim, nullDim);
    builder.cover = cover;
    return builder;
  }

  @Override
  public int itemCount() {
    return language.shape(0);
  }

  @Override
  public int dim() {
    return cover ? language.shape(1) + nullDim() : language.shape(1);
  }

  /**
   * The width of the ID part.
   *
   * @return d_n
   */
  public int nullDim() {
    return id.shape(1);
  }

  /**
   * Whether the ID part replaces language columns instead of being added to them.
   *
   * @return true for cover
   */
  public boolean cover() {
    return cover;
  }

  /**
   * The projector that made the language part.
   *
   * @return the projector, if the rows were not projected elsewhere
   */
  public Optional<NullSpaceProjector> projector() {
    return Optional.ofNullable(projector);
  }

  @Override
  public ElementType elementType() {
    return language.elementType();
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public void gather(int[] ids, Tensor rows, int at) {
    RowTable.requireIds(ids, itemCount());
    RowTable.requireShape("rows", rows, at + ids.length, dim());
    RowTable.requireType("rows", rows, elementType());
    RowTable.Place place = new RowTable.Place(rows, at);
    RowTable.copy(language, ids, place.column(0));
    if (cover) {
      RowTable.copy(id, ids, place.column(dim() - nullDim()));
    } else {
      RowTable.add(id, ids, place.column(dim() - nullDim()));
    }
  }

  @Override
  public void accumulate(int[] ids, Tensor rowGradients, Gradients gradients) {
    RowTable.requireIds(ids, itemCount());
    RowTable.requireShape("rowGradients", rowGradients, ids.length, dim());
    RowTable.requireType("rowGradients", rowGradients, elementType());
    if (nullDim() > 0) {
      gradients.addRows(ID_TABLE, ids, rowGradients, dim() - nullDim());
    }
  }

  @Override
  public void start(int[] touched, Gradients gradients) {
    if (nullDim() > 0) {
      gradients.startRows(ID_TABLE, touched);
    }
  }

  @Override
  public int firstTrainedColumn() {
    return dim() - nullDim();
  }

  @Override
  public Optional<FrozenText> frozenText() {
    return Optional.of(new FrozenText(language, dim(), projector));
  }

  /**
   * The language view: Z, with zeros in columns that the ID part replaces.
   *
   * @return [N, d], a copy
   */
  public Tensor languageView() {
    Tensor view = Tensor.zeros(elementType(), itemCount(), dim());
    RowTable.copy(language, RowTable.range(itemCount()), new RowTable.Place(view, 0));
    return view;
  }

  /**
   * The ID view: E_ID after columns of zeros.
   *
   * @return [N, d], a copy
   */
  public Tensor idView() {
    Tensor view = Tensor.zeros(elementType(), itemCount(), dim());
    RowTable.copy(
        id, RowTable.range(itemCount()), new RowTable.Place(view, 0).column(dim() - nullDim()));
    return view;
  }

  /**
   * The row of an item that is not in the catalogue, from its language embedding alone, with E_ID =
   * 0.
   *
   * @param languageRow [d_l]; normalised, scaled and centred here in the same way as the fitted
   *     rows
   * @return [1, d]
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the rows were projected elsewhere
   */
  public Tensor newItem(double[] languageRow) {
    return newItems(LanguageEmbeddings.of(new double[][] {languageRow}));
  }

  /**
   * The rows of items that are not in the catalogue, from their language embeddings alone.
   *
   * @param languageRows [M, d_l]
   * @return [M, d]
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the rows were projected elsewhere
   */
  public Tensor newItems(LanguageEmbeddings languageRows) {
    checkState(
        projector != null, "new items need the projector, and these rows were projected elsewhere");
    Tensor projected = projector.project(languageRows, elementType());
    Tensor rows = Tensor.zeros(elementType(), projected.shape(0), dim());
    RowTable.copy(projected, RowTable.range(projected.shape(0)), new RowTable.Place(rows, 0));
    return rows;
  }

  /**
   * A catalogue with new items after those of this one, each from its language row alone.
   *
   * @param text [M, d_l], the new items, which become rows N to N + M - 1
   * @return an embedding of N + M items with a trained table of its own
   * @throws IllegalArgumentException if the width is not d_l or a number is not finite
   * @throws IllegalStateException if the rows were projected elsewhere
   */
  @Override
  public FusedItemEmbedding withNewItems(LanguageEmbeddings text) {
    checkState(
        projector != null, "new items need the projector, and these rows were projected elsewhere");
    Tensor added = projector.project(text, elementType());
    Tensor noIds = Tensor.zeros(elementType(), added.shape(0) + 1, nullDim());
    return new FusedItemEmbedding(
        language.append(added),
        id.firstRows(itemCount()).append(noIds),
        cover,
        projector,
        origin.append(text));
  }

  /**
   * A copy whose trained table is independent of this one's; the frozen part is shared.
   *
   * @return the copy
   */
  public FusedItemEmbedding copy() {
    return new FusedItemEmbedding(language, id.copy(), cover, projector, origin);
  }

  /**
   * Saves the embedding, its projector included, as one file, without the ids of the items, which
   * models save with their vocabulary.
   *
   * @param path the file; one that is there already is replaced only by a whole one
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      write(writer);
      writer.commit();
    }
  }

  /**
   * Loads an embedding that was saved. It does not know the ids of its items: set the vocabulary of
   * a model on it.
   *
   * @param path the file
   * @return the embedding
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static FusedItemEmbedding load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      return read(reader);
    }
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
        .setting("itemCount", itemCount())
        .setting("languageColumns", language.shape(1))
        .setting("nullDim", nullDim())
        .setting("cover", cover)
        .setting("hasProjector", projector != null);
    origin.write(archive);
    archive.array("language", language);
    archive.array("id", id);
    if (projector != null) {
      projector.write(archive.section("projector"));
    }
  }

  static FusedItemEmbedding read(ArchiveReader archive) {
    int items = archive.intSetting("itemCount");
    return new FusedItemEmbedding(
        archive.array("language", items, archive.intSetting("languageColumns")),
        archive.array("id", items + 1, archive.intSetting("nullDim")),
        archive.booleanSetting("cover"),
        archive.booleanSetting("hasProjector")
            ? NullSpaceProjector.read(archive.section("projector"))
            : null,
        TextOrigin.read(archive));
  }

  static void requireFinite(String name, Tensor tensor) {
    int at = tensor.firstNonFinite();
    checkArgument(
        at < 0,
        "%s must be finite, found %s at row %s, column %s",
        name,
        at < 0 ? 0 : (Object) tensor.get(at),
        at / Math.max(1, tensor.shape(1)),
        at % Math.max(1, tensor.shape(1)));
  }

  /**
   * A short description.
   *
   * @return items and dimensions
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "FusedItemEmbedding[items=%d, dim=%d, nullDim=%d, cover=%s]",
        itemCount(),
        dim(),
        nullDim(),
        cover);
  }

  /** Options of a {@link FusedItemEmbedding}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final @Nullable NullSpaceProjector projector;
    private final @Nullable LanguageEmbeddings embeddings;
    private final @Nullable Tensor projected;
    private final int dim;
    private final int nullDim;
    private boolean cover;
    private @Nullable IdInitializer idInitializer;
    private @Nullable Tensor idEmbedding;
    private ElementType elementType = ElementType.FLOAT32;
    private long seed = 22;

    private Builder(
        @Nullable NullSpaceProjector projector,
        @Nullable LanguageEmbeddings embeddings,
        @Nullable Tensor projected,
        int dim,
        int nullDim) {
      this.projector = projector;
      this.embeddings = embeddings;
      this.projected = projected;
      this.dim = dim;
      this.nullDim = nullDim;
      this.cover = projector != null && projector.cover();
    }

    /**
     * Sets the initialiser of E_ID, instead of {@link #idEmbedding}. The default is zeros.
     *
     * @param idInitializer the initialiser
     * @return this builder
     * @throws IllegalStateException if {@link #idEmbedding} was set
     */
    @CanIgnoreReturnValue
    public Builder idInitializer(IdInitializer idInitializer) {
      checkState(idEmbedding == null, "idInitializer excludes idEmbedding, which is set already");
      this.idInitializer = idInitializer;
      return this;
    }

    /**
     * Sets E_ID itself, for example one that was trained elsewhere, instead of {@link
     * #idInitializer}. By default, E_ID starts from the initialiser.
     *
     * @param idEmbedding [N + 1, d_n], its last row the padding item; copied
     * @return this builder
     * @throws IllegalArgumentException if the width is not d_n or a number is not finite
     * @throws IllegalStateException if {@link #idInitializer} was set
     */
    @CanIgnoreReturnValue
    public Builder idEmbedding(Tensor idEmbedding) {
      checkArgument(
          idEmbedding.rank() == 2 && idEmbedding.shape(1) == nullDim,
          "idEmbedding must have shape [items + 1, %s], found %s",
          nullDim,
          Arrays.toString(idEmbedding.shape()));
      requireFinite("idEmbedding", idEmbedding);
      checkState(
          idInitializer == null,
          "idEmbedding excludes idInitializer, which is set to %s already",
          idInitializer);
      this.idEmbedding = idEmbedding;
      return this;
    }

    /**
     * Sets the type of both parts. The default is FLOAT32.
     *
     * @param elementType the type
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder elementType(ElementType elementType) {
      this.elementType = checkNotNull(elementType, "elementType must not be null");
      return this;
    }

    /**
     * Sets the seed of the start values. The default is 22.
     *
     * @param seed any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Projects the language embeddings and builds the embedding.
     *
     * @return the embedding
     * @throws IllegalArgumentException if a language embedding is not finite or E_ID does not have
     *     N + 1 rows
     */
    public FusedItemEmbedding build() {
      Tensor language;
      if (projector != null && embeddings != null) {
        language = projector.project(embeddings, elementType);
      } else {
        language = java.util.Objects.requireNonNull(projected).copy().to(elementType);
      }
      int items = language.shape(0);
      Tensor id;
      if (idEmbedding != null) {
        checkArgument(
            idEmbedding.shape(0) == items + 1,
            "idEmbedding must have %s rows, one per item and the padding row, found %s",
            items + 1,
            idEmbedding.shape(0));
        id = idEmbedding.copy().to(elementType);
      } else {
        id = Tensor.zeros(elementType, items + 1, nullDim);
        IdInitializer start = idInitializer == null ? IdInitializer.zeros() : idInitializer;
        start.fill(id, new SplittableRandom(seed));
      }
      checkState(
          (cover ? language.shape(1) + nullDim : language.shape(1)) == dim,
          "the parts do not add up to %s columns",
          dim);
      return new FusedItemEmbedding(
          language,
          id,
          cover,
          projector,
          embeddings == null || projector == null
              ? TextOrigin.NONE
              : TextOrigin.of(embeddings).prepared(projector.preparation()));
    }
  }
}
