package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * Settings of AlphaFuse that were published for one data set, or that are recommended. A preset
 * fills the builders, which can then be changed further.
 *
 * <p>Legend: N items, d_l language dimension. Implementations are immutable and thread-safe. See:
 * Hu et al., "AlphaFuse", SIGIR 2025, and the authors' guide.
 *
 * @param <L> the kind of loss that trains the backbone
 */
public sealed interface Preset<L extends Loss> permits SasRecPreset, DreamRecPreset {
  /**
   * The name of the preset on the command line.
   *
   * @return for example {@code alphafuse-movies}
   */
  String name();

  /**
   * The start values of the ID part.
   *
   * @return the initialiser
   */
  IdInitializer idInitializer();

  /**
   * The learning rate.
   *
   * @return a positive number
   */
  double learningRate();

  /**
   * The loss.
   *
   * @return the loss
   */
  L loss();

  /**
   * A projector's builder with the dimensions and the null space set.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder, to be fitted to the text
   */
  NullSpaceProjector.Builder projector(LanguageEmbeddings text);

  /**
   * A trainer's builder with loss, learning rate, decay, epochs and early stopping set.
   *
   * @param model the model to train
   * @return the builder
   */
  Trainer.Builder<L> trainer(SequenceModel<L> model);

  /**
   * A builder of the items, with the decomposed text and the initialiser of the IDs.
   *
   * @param text language embeddings of all items [N, d_l]
   * @return the builder
   * @throws IllegalArgumentException if the text cannot be decomposed with these settings
   */
  default FusedItemEmbedding.Builder items(LanguageEmbeddings text) {
    return FusedItemEmbedding.builder(projector(text).fit(text), text)
        .idInitializer(idInitializer());
  }
}
