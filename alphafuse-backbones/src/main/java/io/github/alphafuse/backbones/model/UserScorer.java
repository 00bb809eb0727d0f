package io.github.alphafuse.backbones.model;

import io.github.alphafuse.core.Tensor;

/**
 * Gives every item of a catalogue a score for users that the model knows by their number.
 *
 * <p>Legend: B users asked for, N items. Implementations are thread-safe.
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

  /** Frees what the scorer holds outside the Java heap. */
  @Override
  default void close() {}
}
