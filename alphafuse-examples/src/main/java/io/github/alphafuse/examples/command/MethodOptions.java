package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.preset.DreamRecPreset;
import io.github.alphafuse.backbones.preset.Preset;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** All that says what is trained and how; which backbone and by which loss, a subclass says. */
abstract class MethodOptions implements RunOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      converter = PresetConverter.class,
      description =
          "Published settings: alphafuse-movies, -toys, -sports, -yelp, -fashion, -beauty, or"
              + " dreamrec-movies, -toys, -sports, -beauty. Options that are given go before it.")
  private @Nullable Preset preset;

  @Mixin private final ModelOptions model;
  @Mixin private final ProjectionOptions projection;
  @Mixin private final TrainingOptions training;
  private final Recipe recipe;

  MethodOptions(Recipe recipe) {
    this.recipe = recipe;
    this.model = new ModelOptions(recipe);
    this.projection = new ProjectionOptions(recipe);
    this.training = new TrainingOptions(recipe);
  }

  ModelOptions model() {
    return model;
  }

  ProjectionOptions projection() {
    return projection;
  }

  TrainingOptions training() {
    return training;
  }

  boolean isDiffusion() {
    return recipe.isDiffusion();
  }

  Method method() {
    return model.type;
  }

  /** The model with its start weights. */
  abstract SequenceModel build(ItemEmbedding items, ItemVocabulary vocabulary);

  /** The loss to train it by. */
  abstract Loss loss();

  /** Sets the loss of a preset. */
  abstract void presetLoss(Preset chosen, Predicate<String> isGiven);

  /** Checks what no single option of the subclass can. */
  abstract void checkBackbone();

  /** Puts the options of the subclass under the names of their flags. */
  abstract void describeBackbone(Map<String, Object> settings);

  @Override
  public void complete(Predicate<String> isGiven) {
    if (preset != null) {
      apply(preset, isGiven);
    }
    model.check();
    projection.check();
    checkBackbone();
  }

  private void apply(Preset chosen, Predicate<String> isGiven) {
    if ((chosen instanceof DreamRecPreset) != recipe.isDiffusion()) {
      throw new IllegalArgumentException(
          "--preset "
              + chosen.name()
              + " is for "
              + (recipe.isDiffusion() ? "SASRec" : "DreamRec")
              + ", found the backbone "
              + (recipe.isDiffusion() ? "DreamRec" : "SASRec"));
    }
    boolean keepsNullSpace = isGiven.test("--null_dim") || isGiven.test("--null_thres");
    if (chosen instanceof SasRecPreset settings) {
      if (!isGiven.test("--hidden_dim")) {
        projection.hiddenDim = settings.embeddingDim();
      }
      if (!keepsNullSpace) {
        projection.nullDim = settings.nullDim();
      }
    } else if (chosen instanceof DreamRecPreset settings && !keepsNullSpace) {
      projection.nullThreshold = settings.nullThreshold();
    }
    // The start of AlphaFuse's IDs says nothing of another method's.
    if (!isGiven.test("--ID_embs_init_type") && model.type == Method.ALPHA_FUSE) {
      model.idInit = chosen.idInitializer().name();
    }
    if (!isGiven.test("--lr")) {
      training.learningRate = chosen.learningRate();
    }
    presetLoss(chosen, isGiven);
  }

  /** Trains a model; progress is shown where there is a writer for it. */
  TrainingReport train(SequenceModel trained, DatasetSplit split, @Nullable PrintWriter out) {
    TrainingOptions.Run run = new TrainingOptions.Run(trained, loss(), model.seed);
    return new Progress(out, training.metric).of(listener -> training.train(run, split, listener));
  }

  @Override
  public void forGeneratedData() {
    training.forGeneratedData();
  }

  @Override
  public void forRun(double learningRate, long seed, Path checkpoint) {
    training.learningRate = learningRate;
    model.seed = seed;
    training.checkpoint = checkpoint;
  }

  @Override
  public double learningRate() {
    return training.learningRate();
  }

  @Override
  public int epochs() {
    return training.epochs();
  }

  @Override
  public Metric metric() {
    return training.metric;
  }

  @Override
  public void describe(Map<String, Object> settings) {
    settings.put("preset", preset == null ? "" : preset.name());
    model.describe(settings);
    settings.put("hidden_dim", projection.hiddenDim);
    settings.put("null_dim", projection.nullDim);
    projection.describe(settings);
    describeBackbone(settings);
    training.describe(settings);
  }

  /** Reads the name of a preset. */
  static final class PresetConverter implements ITypeConverter<Preset> {
    @Override
    public Preset convert(String name) {
      try {
        return Presets.named(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            e.getMessage()
                + NearestName.find(name, Presets.all().stream().map(Preset::name).toList())
                    .map(near -> "; did you mean " + near + "?")
                    .orElse(""));
      }
    }
  }
}
