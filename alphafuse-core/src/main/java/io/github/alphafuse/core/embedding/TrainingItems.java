package io.github.alphafuse.core.embedding;

import java.util.random.RandomGenerator;

/**
 * The items of an embedding as one training objective works on them, step by step.
 *
 * <p>This is the seam for embeddings that do more than look rows up. Rows that trained weights
 * compute are computed once a step for the different items of its batch, with whatever is drawn in
 * training, and their gradients go back to the weights once; a loss of the embedding's own joins
 * that of the batch. A step goes through these calls:
 *
 * <pre>
 * items.begin(random, histories, targets, negatives);
 * double value = ... items.rows().gather ... items.rows().accumulate ...
 * value += items.end(gradients);
 * </pre>
 *
 * <p>Legend: N items. Not thread-safe, but for what {@link ItemEmbedding} allows on {@link
 * #rows()}.
 */
public interface TrainingItems extends AutoCloseable {

  /**
   * The items of an embedding whose rows are looked up: nothing happens between steps.
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
   * The embedding that the objective is built on, for N items; between {@link #begin} and {@link
   * #end} it has the rows of the step's items.
   *
   * @return the same embedding at each call
   */
  ItemEmbedding rows();

  /**
   * Starts a step.
   *
   * @param random where dropout and noise come from; nothing is drawn where there is neither
   * @param ids every item that the step will ask for, in any number of arrays, as often as it
   *     likes; the first array holds the batch's histories, position by position, which a loss of
   *     the embedding's own may be over; the padding item N may be among them
   * @throws IllegalArgumentException if an id is outside [0, N]
   */
  void begin(RandomGenerator random, int[]... ids);

  /**
   * Ends a step whose row gradients were accumulated.
   *
   * @param gradients gradients of the embedding's parameters; those of computed rows are
   *     overwritten, those of the embedding's own loss are added
   * @return the value of the embedding's own loss, 0 where it has none
   */
  double end(Gradients gradients);

  /** Frees what is held outside the Java heap. */
  @Override
  void close();
}
