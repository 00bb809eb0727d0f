package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An item embedding that is one trained table: the ID-only embedding of SASRec and DreamRec as
 * published, and LLMInit when it starts from projected language embeddings.
 *
 * <p>Legend: N items, d embedding dimension; the table has shape [N + 1, d], its last row the
 * padding item. Reading is thread-safe while the table is not written.
 */
public final class IdItemEmbedding implements ItemEmbedding {
  static final String KIND = "id";

  /** The name of the trained table among the {@link #parameters()}. */
  public static final String TABLE = "item_embedding.id";

  private final Tensor table;
  private final TextOrigin origin;
  private final ImmutableMap<String, Tensor> parameters;

  private IdItemEmbedding(Tensor table, TextOrigin origin) {
    this.table = table;
    this.origin = origin;
    this.parameters = ImmutableMap.of(TABLE, table);
  }

  /**
   * A builder of an embedding of random or given rows.
   *
   * @param itemCount N, at least 1
   * @param dim d, at least 1
   * @return the builder
   * @throws IllegalArgumentException if either is below 1
   */
  public static Builder builder(int itemCount, int dim) {
    return new Builder(itemCount, dim);
  }

  @Override
  public int itemCount() {
    return table.shape(0) - 1;
  }

  @Override
  public int dim() {
    return table.shape(1);
  }

  @Override
  public ElementType elementType() {
    return table.elementType();
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
    RowTable.copy(table, ids, new RowTable.Place(rows, at));
  }

  @Override
  public void accumulate(int[] ids, Tensor rowGradients, Gradients gradients) {
    RowTable.requireIds(ids, itemCount());
    RowTable.requireShape("rowGradients", rowGradients, ids.length, dim());
    RowTable.requireType("rowGradients", rowGradients, elementType());
    gradients.addRows(TABLE, ids, rowGradients, 0);
  }

  @Override
  public void start(int[] touched, Gradients gradients) {
    gradients.startRows(TABLE, touched);
  }

  @Override
  public int firstTrainedColumn() {
    return 0;
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
    archive.setting("itemCount", itemCount()).setting("dim", dim());
    origin.write(archive);
    archive.array("id", table);
  }

  static IdItemEmbedding read(ArchiveReader archive) {
    return new IdItemEmbedding(
        archive.array("id", archive.intSetting("itemCount") + 1, archive.intSetting("dim")),
        TextOrigin.read(archive));
  }

  /**
   * A short description.
   *
   * @return items and width
   */
  @Override
  public String toString() {
    return "IdItemEmbedding[items=" + itemCount() + ", dim=" + dim() + "]";
  }

  /** Options of an {@link IdItemEmbedding}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final int itemCount;
    private final int dim;
    private @Nullable IdInitializer initializer;
    private @Nullable Tensor rows;
    private ElementType elementType = ElementType.FLOAT32;
    private TextOrigin origin = TextOrigin.NONE;
    private long seed = 22;

    private Builder(int itemCount, int dim) {
      checkArgument(itemCount >= 1, "itemCount must be at least 1, found %s", itemCount);
      checkArgument(dim >= 1, "dim must be at least 1, found %s", dim);
      this.itemCount = itemCount;
      this.dim = dim;
    }

    /**
     * Sets the initialiser of all rows, instead of {@link #rows}. The default is normal(0, 1).
     *
     * @param initializer the initialiser
     * @return this builder
     * @throws IllegalStateException if {@link #rows} was set
     */
    @CanIgnoreReturnValue
    public Builder initializer(IdInitializer initializer) {
      checkState(rows == null, "initializer excludes rows, which is set already");
      this.initializer = initializer;
      return this;
    }

    /**
     * Sets the start values of the items' rows, instead of {@link #initializer}; for example
     * projected language embeddings (LLMInit). The padding row is zero unless it is given. By
     * default, all rows start from the initialiser.
     *
     * @param rows [N, d], or [N + 1, d] with the padding row last; copied
     * @return this builder
     * @throws IllegalArgumentException if the shape does not fit or a number is not finite
     * @throws IllegalStateException if {@link #initializer} was set
     */
    @CanIgnoreReturnValue
    public Builder rows(Tensor rows) {
      checkArgument(
          rows.rank() == 2
              && (rows.shape(0) == itemCount || rows.shape(0) == itemCount + 1)
              && rows.shape(1) == dim,
          "rows must have shape [%s, %s], found %s",
          itemCount,
          dim,
          rows);
      FusedItemEmbedding.requireFinite("rows", rows);
      checkState(
          initializer == null,
          "rows excludes initializer, which is set to %s already",
          initializer);
      this.rows = rows;
      return this;
    }

    /**
     * Sets what is known of the text of the items, if their rows are made or trained from one. A
     * model's vocabulary must have the same ids. The default is {@link TextOrigin#NONE}.
     *
     * @param origin the origin
     * @return this builder
     * @throws IllegalArgumentException if there are more or fewer ids than items
     */
    @CanIgnoreReturnValue
    public Builder origin(TextOrigin origin) {
      origin
          .ids()
          .ifPresent(
              ids ->
                  checkArgument(
                      ids.size() == itemCount,
                      "origin must name each of %s items, found %s",
                      itemCount,
                      ids.size()));
      this.origin = origin;
      return this;
    }

    /**
     * Sets the type of the table. The default is FLOAT32.
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
     * Builds the embedding.
     *
     * @return the embedding
     */
    public IdItemEmbedding build() {
      Tensor table = Tensor.zeros(elementType, itemCount + 1, dim);
      if (rows == null) {
        IdInitializer start = initializer == null ? IdInitializer.normal() : initializer;
        start.fill(table, new SplittableRandom(seed));
      } else {
        for (int i = 0; i < rows.size(); i++) {
          table.set(i, rows.get(i));
        }
      }
      return new IdItemEmbedding(table, origin);
    }
  }
}
