package io.github.alphafuse.core.embedding;

import java.util.random.RandomGenerator;

/**
 * The items of an embedding as one training objective uses them, step by step.
 *
 * <p>Embeddings that do more than look rows up implement this interface. If trained weights compute
 * the rows, they do so once per step for the distinct items of the batch, with the dropout and
 * noise of training, and the gradients are passed back to the weights once per step. A loss of the
 * embedding's own is added to that of the batch. A step makes these calls:
 *
 * <pre>
 * items.begin(random, histories, targets, negatives);
 * double value = ... items.rows().gather ... items.rows().accumulate ...
 * value += items.end(gradients);
 * </pre>
 *
 * <p>Legend: N items. Not thread-safe, except for calls on {@link #rows()} that {@link
 * ItemEmbedding} allows.
 */
public interface TrainingItems extends AutoCloseable {

  /**
   * The items of an embedding whose rows are looked up. Nothing happens between steps.
   *
   * @param items the embedding
   * @return the items
   */
  static TrainingItems lookedUp(ItemEmbedding items) {
    return new TrainingItems() {
      @Override
      public ItemEmbedding rows() {
        return items;
      }

      @Override
      public void begin(RandomGenerator random, int[]... ids) {}

      @Override
      public double end(Gradients gradients) {
        return 0;
      }

      @Override
      public void close() {}
    };
  }

  /**
   * The embedding of all N items that the objective is built on. Between {@link #begin} and {@link
   * #end} it holds the rows of the step's items.
   *
   * @return the same embedding at each call
   */
  ItemEmbedding rows();

  /**
   * Starts a step.
   *
   * @param random the source of dropout and noise; not used if there is neither
   * @param ids all items that the step will gather, in any number of arrays; items may be repeated
   *     and the padding item N may be among them. The first array holds the batch's histories,
   *     position by position, over which an embedding may compute a loss of its own
   * @throws IllegalArgumentException if an id is outside [0, N]
   */
  void begin(RandomGenerator random, int[]... ids);

  /**
   * Ends a step whose row gradients were accumulated.
   *
   * @param gradients gradients of the embedding's parameters; those of computed rows are
   *     overwritten, those of the embedding's own loss are added
   * @return the value of the embedding's own loss, 0 if it has none
   */
  double end(Gradients gradients);

  /** Frees the memory outside the Java heap. */
  @Override
  void close();
}
