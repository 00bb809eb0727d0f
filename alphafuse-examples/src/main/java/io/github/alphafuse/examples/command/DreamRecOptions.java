package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.preset.Preset;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Mixin;

/** A method on DreamRec. */
final class DreamRecOptions extends MethodOptions {
  @Mixin private final DiffusionOptions diffusion = new DiffusionOptions();

  DreamRecOptions() {
    super(Recipe.DREAM_REC);
  }

  @Override
  SequenceModel build(ItemEmbedding items, ItemVocabulary vocabulary) {
    return diffusion.build(model().dreamRec(items, vocabulary));
  }

  @Override
  Loss loss(int itemCount) {
    return diffusion.loss();
  }

  /** The published loss is the default already. */
  @Override
  void presetLoss(Preset chosen, Predicate<String> isGiven) {}

  @Override
  void checkBackbone(Predicate<String> isGiven) {
    diffusion.check();
  }

  @Override
  void describeBackbone(Map<String, Object> settings) {
    diffusion.describe(settings);
  }
}
