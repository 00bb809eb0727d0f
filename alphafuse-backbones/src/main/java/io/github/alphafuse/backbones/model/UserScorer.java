package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;

/**
 * A scorer of all items of a catalogue for users that the model knows by their number.
 *
 * <p>Legend: U users of the model, B requested users, N items. Implementations are thread-safe.
 */
public interface UserScorer extends AutoCloseable {

  /**
   * The number of users.
   *
   * @return U
   */
  int userCount();

  /**
   * The number of items.
   *
   * @return N
   */
  int itemCount();

  /**
   * Scores all items.
   *
   * @param users [B] numbers of users
   * @return [B, N]; a higher score ranks first
   * @throws IllegalArgumentException if a user is outside [0, U)
   */
  Tensor score(int[] users);

  /** Frees the memory of the scorer outside the Java heap. */
  @Override
  default void close() {}
}
