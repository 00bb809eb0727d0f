package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * Published settings of AlphaFuse on DreamRec. Rows keep all columns of the text, d = d_l, except
 * for directions without variance.
 *
 * @param name its name on the command line
 * @param languageDim d_l of the text that the paper used
 * @param nullThreshold the largest variance of a null direction
 * @param idInitializer the start values of the ID part
 * @param learningRate the learning rate of AdamW
 * @param loss the diffusion loss
 */
public record DreamRecPreset(
    String name,
    int languageDim,
    double nullThreshold,
    IdInitializer idInitializer,
    double learningRate,
    DiffusionLoss loss)
    implements Preset<DiffusionLoss> {

  @Override
  public NullSpaceProjector.Builder projector(LanguageEmbeddings text) {
    return NullSpaceProjector.builder().nullThreshold(nullThreshold);
  }

  /**
   * A model's builder with the published encoder, 2000 linear steps of noise, DDIM of stride 100
   * and guidance 5.
   *
   * @param items the item embedding
   * @return the builder
   */
  public DreamRec.Builder builder(ItemEmbedding items) {
    return DreamRec.builder(items)
        .maxLength(10)
        .heads(1)
        .blocks(1)
        .dropout(0.1)
        .schedule(NoiseSchedule.linear(2000))
        .conditionDropout(0.1)
        .sampling(Sampling.ddim(100).withGuidance(5));
  }

  /**
   * A model on the items that {@link #items} makes of a text, at its start.
   *
   * @param text language embeddings of all items [N, d_l]
   * @param vocabulary the ids of the items
   * @return the model
   * @throws IllegalArgumentException if the text has another number of rows or other ids, or cannot
   *     be decomposed so
   */
  public DreamRec model(LanguageEmbeddings text, ItemVocabulary vocabulary) {
    vocabulary.requireText(text);
    return builder(items(text).build()).vocabulary(vocabulary).build();
  }

  @Override
  public Trainer.Builder<DiffusionLoss> trainer(SequenceModel<DiffusionLoss> model) {
    return Trainer.builder(model)
        .loss(loss)
        .learningRate(learningRate)
        .weightDecay(0)
        .decoupledWeightDecay(true)
        .epochs(1000)
        .evaluateEvery(5)
        .earlyStopping(Metric.ndcg(20), 50);
  }
}
