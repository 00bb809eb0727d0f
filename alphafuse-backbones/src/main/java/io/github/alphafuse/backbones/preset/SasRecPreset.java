package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * Published settings of AlphaFuse on SASRec.
 *
 * @param name what it is called on the command line
 * @param embeddingDim d
 * @param nullDim d_n
 * @param idInitializer the start values of the ID part
 * @param learningRate the learning rate of Adam
 * @param loss InfoNCE
 */
public record SasRecPreset(
    String name,
    int embeddingDim,
    int nullDim,
    IdInitializer idInitializer,
    double learningRate,
    InfoNce loss)
    implements Preset {

  @Override
  public NullSpaceProjector.Builder projector(LanguageEmbeddings text) {
    return NullSpaceProjector.builder().embeddingDim(embeddingDim).nullDim(nullDim);
  }

  /**
   * A model's builder with the published encoder: one block of one head, the last 10 items, dropout
   * 0.1.
   *
   * @param items the item embedding
   * @return the builder
   */
  public SasRec.Builder model(ItemEmbedding items) {
    return SasRec.builder(items).maxLength(10).heads(1).blocks(1).dropout(0.1);
  }

  @Override
  public Trainer.Builder trainer(SequenceModel model) {
    return Trainer.builder(model).loss(loss).learningRate(learningRate);
  }
}
