package io.github.alphafuse.core.embedding;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/**
 * The item embeddings of a backbone, which reads rows from them and returns row gradients.
 *
 * <p>The tables live outside any graph. A backbone gathers the rows of a batch, computes with them
 * and returns the gradient of its loss with respect to those rows. That gradient is summed per item
 * into the gradients of the trained tables. The cost of a step therefore depends on the batch only,
 * and frozen numbers never get a gradient.
 *
 * <p>Legend: N items, d embedding dimension, R requested rows. Row N is the padding item. Reading
 * is thread-safe while no parameter is written.
 */
public interface ItemEmbedding {

  /**
   * The number of items.
   *
   * @return N
   */
  int itemCount();

  /**
   * The width of an item's row.
   *
   * @return d
   */
  int dim();

  /**
   * The type of the rows.
   *
   * @return float32 or float64
   */
  ElementType elementType();

  /**
   * The trained tables by name; empty if nothing is trained.
   *
   * @return the live parameters
   */
  ImmutableMap<String, Tensor> parameters();

  /**
   * Copies the rows of some items.
   *
   * @param ids [R] item rows in [0, N], N for the padding item
   * @param rows [R, d] or more rows, of which the first R are overwritten
   * @throws IllegalArgumentException if an id is outside [0, N] or the shape or type does not fit
   */
  default void gather(int[] ids, Tensor rows) {
    gather(ids, rows, 0);
  }

  /**
   * Copies the rows of some items into a part of a buffer.
   *
   * @param ids [R] item rows in [0, N], N for the padding item
   * @param rows [at + R, d] or more rows, of which R are overwritten
   * @param at the index of the first row to overwrite
   * @throws IllegalArgumentException if an id is outside [0, N] or the shape or type does not fit
   */
  void gather(int[] ids, Tensor rows, int at);

  /**
   * Adds the gradient of gathered rows to the gradients of the trained tables; repeated items add
   * up. The padding item gets none. Calls for different items are thread-safe.
   *
   * @param ids [R] the items that were gathered
   * @param rowGradients [R, d] or more rows, of which the first R are the gradient of the loss with
   *     respect to the gathered rows
   * @param gradients gradients of {@link #parameters()}, added to
   * @throws IllegalArgumentException if an id is outside [0, N] or the shape or type does not fit
   */
  void accumulate(int[] ids, Tensor rowGradients, Gradients gradients);

  /**
   * Sets the gradients of the trained tables to zero before those of a step are accumulated. If the
   * step before was started in the same way, the cost depends on the touched items and not on N.
   *
   * @param touched the items whose gradients will be accumulated, ascending, each once; not copied
   * @param gradients gradients of {@link #parameters()}, overwritten
   */
  default void start(int[] touched, Gradients gradients) {
    gradients.clear(parameters().keySet());
  }

  /**
   * The first trained column of a row. The gradients of the columns before it are ignored.
   *
   * @return from 0 to d; d if nothing is trained
   */
  int firstTrainedColumn();

  /**
   * The rows of all items but the padding one.
   *
   * @return [N, d], a copy
   */
  default Tensor table() {
    Tensor all = Tensor.zeros(elementType(), itemCount(), dim());
    gather(RowTable.range(itemCount()), all);
    return all;
  }

  /**
   * Adds the gradient of the whole table to the gradients of the trained tables.
   *
   * @param tableGradient [N, d] the gradient of the loss with respect to {@link #table()}
   * @param gradients gradients of {@link #parameters()}, added to
   */
  default void accumulateTable(Tensor tableGradient, Gradients gradients) {
    RowTable.requireTable(tableGradient, itemCount());
    accumulate(RowTable.range(itemCount()), tableGradient, gradients);
  }

  /**
   * What the items know of the text that they were made from. A model's vocabulary must have the
   * same ids. They are saved with the model's vocabulary, not with the items.
   *
   * @return ids and digest, each if it is known
   */
  default TextOrigin origin() {
    return TextOrigin.NONE;
  }

  /**
   * The part of the rows that is frozen text, by which a score is explained and a text is searched.
   *
   * @return the frozen part; empty if the rows have none
   */
  default Optional<FrozenText> frozenText() {
    return Optional.empty();
  }

  /**
   * The items as one training objective uses them, step by step. Embeddings whose rows are looked
   * up need nothing between steps. Embeddings that compute their rows or add a loss of their own
   * override this method.
   *
   * @return the items of one objective, to be closed by the caller
   */
  default TrainingItems forTraining() {
    return TrainingItems.lookedUp(this);
  }

  /**
   * The name under which saved models know this kind of embedding.
   *
   * @return the kind
   */
  String kind();

  /**
   * Writes the embedding into an archive.
   *
   * @param archive a section of the archive
   */
  void write(ArchiveWriter archive);

  /**
   * Reads an embedding from an archive. Its kind is one of this module's, or one that an {@link
   * ItemEmbeddingReader} on the classpath knows.
   *
   * @param kind the {@link #kind()} of the embedding that was written
   * @param archive the section that {@link #write} wrote
   * @return the embedding
   * @throws IllegalArgumentException if the kind is unknown or something is missing or does not fit
   */
  static ItemEmbedding read(String kind, ArchiveReader archive) {
    return switch (kind) {
      case FusedItemEmbedding.KIND -> FusedItemEmbedding.read(archive);
      case IdItemEmbedding.KIND -> IdItemEmbedding.read(archive);
      default -> {
        Set<String> known = new TreeSet<>(Set.of(FusedItemEmbedding.KIND, IdItemEmbedding.KIND));
        // The loader of this class rather than that of the thread, which servers and tests change.
        for (ItemEmbeddingReader reader :
            ServiceLoader.load(ItemEmbeddingReader.class, ItemEmbedding.class.getClassLoader())) {
          if (reader.kinds().contains(kind)) {
            yield reader.read(kind, archive);
          }
          known.addAll(reader.kinds());
        }
        throw new IllegalArgumentException(
            "item embedding must be of one of the kinds " + known + ", found '" + kind + "'");
      }
    };
  }
}
