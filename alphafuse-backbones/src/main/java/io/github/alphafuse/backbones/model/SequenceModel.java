package io.github.alphafuse.backbones.model;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.nio.file.Path;

/**
 * A recommender that learns from histories of items.
 *
 * <p>Legend: N items, L history length. Not thread-safe while it is trained; a {@link #scorer()}
 * is.
 */
public interface SequenceModel {

  /**
   * The item embeddings.
   *
   * @return the embedding that the model was built on
   */
  ItemEmbedding items();

  /**
   * The ids of the items.
   *
   * @return a vocabulary of N ids
   */
  ItemVocabulary vocabulary();

  /**
   * The number of items of a history that the model looks at: the last ones.
   *
   * @return L
   */
  int maxLength();

  /**
   * Every trained weight by name, those of the item embedding included.
   *
   * @return the live parameters
   */
  ImmutableMap<String, Tensor> parameters();

  /**
   * The number of trained numbers.
   *
   * @return the sum of the parameters' sizes, the padding row of trained tables included
   */
  default long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  /**
   * The model under a loss, to be trained.
   *
   * @param loss a loss of a kind that the model takes
   * @return the objective, to be closed by the caller
   * @throws IllegalArgumentException if the model does not take this kind of loss
   */
  Objective objective(Loss loss);

  /**
   * A scorer over the weights as they are now: later training does not change it.
   *
   * @return the scorer, to be closed by the caller
   */
  ItemScorer scorer();

  /**
   * Saves the model, its items and their ids as one file.
   *
   * @param path the file; one that is there already is replaced only by a whole one
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  void save(Path path);
}
