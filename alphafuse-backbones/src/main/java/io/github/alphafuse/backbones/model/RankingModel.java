package io.github.alphafuse.backbones.model;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model that ranks the items of a catalogue for histories.
 *
 * <p>Legend: N items, M new items, d_l language dimension. Not thread-safe while it is trained; a
 * {@link #scorer()} is.
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
   * What the model was trained on, how, and with what result. It is saved with the model.
   *
   * @return the provenance of the last training; empty if there was none
   */
  default Optional<Provenance> provenance() {
    return Optional.empty();
  }

  /**
   * Sets what the model was trained on, how, and with what result. Trainers do so; applications may
   * add notes. The default keeps nothing.
   *
   * @param provenance the provenance of the last training
   */
  default void provenance(Provenance provenance) {}

  /**
   * The ranking for those of whom nothing is known. It is saved with the model.
   *
   * @return the ranking; empty if there is none
   */
  default Optional<Fallback> fallback() {
    return Optional.empty();
  }

  /**
   * Sets the ranking for those of whom nothing is known. Trainers set popularity; applications may
   * set another. The default keeps nothing.
   *
   * @param fallback the ranking of the N items
   * @throws IllegalArgumentException if it is of another number of items
   */
  default void fallback(Fallback fallback) {}

  /**
   * What is known of the language embeddings that the items were made from.
   *
   * @return ids, digest and preparation, each if it is known
   */
  default TextOrigin textOrigin() {
    return TextOrigin.NONE;
  }

  /**
   * A model that knows new items behind those of this one, each by its text alone. Nothing is
   * trained. The default refuses.
   *
   * @param ids the ids of the M new items, in the order of their text
   * @param text [M, d_l] their language rows, of the encoder that made the others'
   * @return a model of N + M items that shares the other weights with this one
   * @throws IllegalArgumentException if an id is known already or occurs twice, there are more of
   *     one than of the other, or the width of the text does not fit
   * @throws IllegalStateException if the items cannot grow: those that are trained without text,
   *     and those whose text was projected elsewhere
   */
  default RankingModel withNewItems(List<String> ids, LanguageEmbeddings text) {
    throw new IllegalStateException("this model knows no item by its text alone");
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
