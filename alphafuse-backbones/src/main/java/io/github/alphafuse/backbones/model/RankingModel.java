package io.github.alphafuse.backbones.model;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.core.Tensor;
import java.nio.file.Path;

/**
 * A model that ranks the items of a catalogue for histories.
 *
 * <p>Legend: N items. Not thread-safe while it is trained; a {@link #scorer()} is.
 */
public interface RankingModel {

  /**
   * The ids of the items.
   *
   * @return a vocabulary of N ids
   */
  ItemVocabulary vocabulary();

  /**
   * How items are scored for a history.
   *
   * @return the inner product or the cosine of their vectors
   */
  Similarity similarity();

  /**
   * Every trained weight by name.
   *
   * @return the live parameters
   */
  ImmutableMap<String, Tensor> parameters();

  /**
   * The number of trained numbers.
   *
   * @return the sum of the parameters' sizes, including the padding row of trained tables
   */
  default long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  /**
   * A scorer with the current weights. Later training does not change it.
   *
   * @return the scorer, to be closed by the caller
   */
  ItemScorer scorer();

  /**
   * Saves the model, its items and their ids as one file.
   *
   * @param path the file; an existing file is replaced only by a complete one
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  void save(Path path);
}
