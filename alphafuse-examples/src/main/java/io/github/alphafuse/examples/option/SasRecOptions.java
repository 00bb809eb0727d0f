package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.preset.Preset;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Mixin;

/** The options of a method on SASRec. */
final class SasRecOptions extends SequenceOptions {
  @Mixin private final RankingOptions ranking = new RankingOptions();

  SasRecOptions() {
    super(Backbone.SAS_REC);
  }

  @Override
  public SequenceModel<?> build(ItemEmbedding items, ItemVocabulary vocabulary) {
    return model().sasRec(items, vocabulary, isPublished() && ranking.isInfoNce());
  }

  @Override
  Engine engine(SequenceModel<?> built) {
    return ((SasRec) built).engineFor(ranking.loss(built.items().itemCount()));
  }

  @Override
  Trainer.Builder<?> trainer(SequenceModel<?> trained) {
    return Trainer.builder((SasRec) trained).loss(ranking.loss(trained.items().itemCount()));
  }

  @Override
  void presetLoss(Preset<?> chosen, Predicate<String> isGiven) {
    if (chosen instanceof SasRecPreset settings) {
      ranking.set(settings.loss(), isGiven);
    }
  }

  @Override
  void checkBackbone(Predicate<String> isGiven) {
    ranking.check(isGiven);
  }

  @Override
  void addWithoutEffect(Predicate<String> isGiven, List<String> clauses) {
    ranking.addWithoutEffect(isGiven, clauses);
  }

  @Override
  void describeBackbone(Map<String, Object> settings) {
    ranking.describe(settings);
  }
}
