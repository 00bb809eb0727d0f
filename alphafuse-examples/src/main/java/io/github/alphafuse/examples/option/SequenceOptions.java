package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.preset.DreamRecPreset;
import io.github.alphafuse.backbones.preset.Preset;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.examples.data.TrainingData;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of training a sequence model; subclasses add the backbone and its loss. */
@Heading("Model")
public abstract class SequenceOptions implements RunOptions {
  /** The standard deviation of IDs that start from normal values. */
  private static final double RECOMMENDED_ID_SCALE = 0.1;

  /** Flags of the authors' method; if one of them is given, the published settings are used. */
  private static final ImmutableList<String> AUTHORS_FLAGS =
      ImmutableList.of(
          "--model_type",
          "--loss_type",
          "--neg_ratio",
          "--null_dim",
          "--null_thres",
          "--hidden_dim",
          "--ID_embs_init_type",
          "--cover",
          "--standardization",
          "--item_frequency_flag");

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      converter = PresetConverter.class,
      description =
          "Settings to start from: recommended, published, or those published for a data set:"
              + " alphafuse-movies, -toys, -sports, -yelp, -fashion, -beauty, or"
              + " dreamrec-movies, -toys, -sports, -beauty. Options given on the command line"
              + " override it. (Default of train: recommended, or published if an option of"
              + " the authors' method is given: --model_type, --loss_type, --neg_ratio,"
              + " --null_dim, --null_thres, --hidden_dim, --ID_embs_init_type, --cover,"
              + " --standardization or --item_frequency_flag. Default of compare and"
              + " train_diffusion: published.)")
  private @Nullable Base base;

  @Mixin private final ModelOptions model;
  @Mixin private final ProjectionOptions projection;
  @Mixin private final TrainingOptions training;
  @Mixin private final SequenceTrainingOptions sequenceTraining;
  private final Backbone backbone;

  SequenceOptions(Backbone backbone) {
    this.backbone = backbone;
    this.model = new ModelOptions(backbone);
    this.projection = new ProjectionOptions(backbone);
    this.training = new TrainingOptions(backbone);
    this.sequenceTraining = new SequenceTrainingOptions(backbone);
  }

  /**
   * Returns the options of a backbone, with their defaults.
   *
   * @param backbone a backbone of sequences
   * @return the options
   */
  public static SequenceOptions of(Backbone backbone) {
    return backbone.isDiffusion() ? new DreamRecOptions() : new SasRecOptions();
  }

  ModelOptions model() {
    return model;
  }

  /** {@return the options for the decomposition of language embeddings} */
  public ProjectionOptions projection() {
    return projection;
  }

  @Override
  public TrainingOptions training() {
    return training;
  }

  /** {@return the ranking that the best epoch is chosen by} */
  public Evaluator evaluator() {
    return sequenceTraining.evaluator();
  }

  /** {@return whether that ranking leaves out the items of a history} */
  public boolean maskSeen() {
    return sequenceTraining.maskSeen;
  }

  boolean isDiffusion() {
    return backbone.isDiffusion();
  }

  /** Whether the settings of the papers apply to options that are not given. */
  boolean isPublished() {
    return base == null || base.isPublished();
  }

  /** {@return the method of embedding items} */
  public ModelType type() {
    return model.type;
  }

  /**
   * Embeds items.
   *
   * @param source the data of the items
   * @return the embedding of the items by the model type
   */
  public ModelType.Items items(TrainingData source) {
    return model.type.items(
        new ModelType.Input(source.embeddings(), source.split().train().itemFrequencies(), this));
  }

  /**
   * Builds a model.
   *
   * @param items the embedding of its items
   * @param vocabulary their ids
   * @return the model with its initial weights
   */
  public abstract SequenceModel<?> build(ItemEmbedding items, ItemVocabulary vocabulary);

  /** Returns the engine that computes the loss of a model from {@link #build}. */
  abstract Engine engine(SequenceModel<?> built);

  /**
   * Returns a line about a loss or model that only the slower engine computes.
   *
   * @param built the model from {@link #build}
   * @return the line, unless the fused engine computes it or --engine chose the other one
   */
  public Optional<String> slowEngine(SequenceModel<?> built) {
    return model.engine == Engine.AUTO && engine(built) == Engine.SAMEDIFF
        ? Optional.of(
            "Engine:     SAMEDIFF, because the faster engine FUSED does not compute "
                + model.type
                + " with this loss; a step takes several times as long")
        : Optional.empty();
  }

  /** Returns a trainer, with its loss, of a model from {@link #build}. */
  abstract Trainer.Builder<?> trainer(SequenceModel<?> trained);

  /** Applies the loss of a preset. */
  abstract void presetLoss(Preset<?> chosen, Predicate<String> isGiven);

  /** Checks the combination of options of the subclass. */
  abstract void checkBackbone(Predicate<String> isGiven);

  /** Adds a clause for each given option of the subclass that has no effect with the others. */
  abstract void addWithoutEffect(Predicate<String> isGiven, List<String> clauses);

  /** Adds the options of the subclass, under the names of their flags. */
  abstract void describeBackbone(Map<String, Object> settings);

  /**
   * Chooses the recommended settings, unless an option selects the published ones.
   *
   * @param isGiven whether the option with a given name was on the command line
   * @return a line of output with the chosen settings and the reason
   */
  public String chooseBase(Predicate<String> isGiven) {
    if (base != null) {
      return "Settings:   " + base + ", as set by --preset";
    }
    if (backbone.isDiffusion()) {
      return "Settings:   published, because there are no recommended ones for a diffusion";
    }
    for (String flag : AUTHORS_FLAGS) {
      if (isGiven.test(flag)) {
        return "Settings:   published, because "
            + flag
            + " is given; use --preset recommended for the recommended ones";
      }
    }
    base = Base.of(Presets.recommended());
    return "Settings:   recommended, because no option of the authors' method is given; use"
        + " --preset published for their settings";
  }

  @Override
  public void complete(Predicate<String> isGiven) {
    if (base != null && base.preset() != null) {
      apply(base.preset(), isGiven);
    }
    if (model.type == ModelType.LLM_ESR && !isGiven.test("--positions")) {
      sequenceTraining.takePrefixes();
    }
    model.check();
    projection.check();
    sequenceTraining.checkTogether();
    if (model.type == ModelType.LLM_ESR && sequenceTraining.positions == Positions.EVERY) {
      throw new IllegalArgumentException(
          "--positions every is not possible with LLM-ESR, because its views see later items,"
              + " including the targets; use --positions last --prefixes");
    }
    projection.widthFactor = model.heads;
    checkBackbone(isGiven);
  }

  @Override
  public List<String> withoutEffect(Predicate<String> isGiven) {
    List<String> clauses = new ArrayList<>();
    for (String flag : model.type.unused()) {
      if (isGiven.test(flag)) {
        clauses.add(flag + " has no effect with --model_type " + model.type);
      }
    }
    if (isGiven.test("--null_dim") && isGiven.test("--null_thres")) {
      clauses.add("--null_dim has no effect with --null_thres");
    }
    addWithoutEffect(isGiven, clauses);
    return clauses;
  }

  private void apply(Preset<?> chosen, Predicate<String> isGiven) {
    if ((chosen instanceof DreamRecPreset) != backbone.isDiffusion()) {
      throw new IllegalArgumentException(
          "--preset "
              + chosen.name()
              + " is for "
              + (backbone.isDiffusion() ? "SASRec" : "DreamRec")
              + ", found the backbone "
              + (backbone.isDiffusion() ? "DreamRec" : "SASRec"));
    }
    boolean keepsNullSpace = isGiven.test("--null_dim") || isGiven.test("--null_thres");
    if (chosen instanceof SasRecPreset settings) {
      if (isPublished()) {
        if (!isGiven.test("--hidden_dim")) {
          projection.hiddenDim = settings.embeddingDim();
        }
        if (!keepsNullSpace) {
          projection.nullDim = settings.nullDim();
        }
      } else {
        recommend(settings, isGiven);
      }
    } else if (chosen instanceof DreamRecPreset settings && !keepsNullSpace) {
      projection.nullThreshold = settings.nullThreshold();
    }
    // The initial IDs of a preset are for AlphaFuse only.
    if (!isGiven.test("--ID_embs_init_type") && model.type == ModelType.ALPHA_FUSE) {
      model.idInit = chosen.idInitializer().name();
    }
    if (!isGiven.test("--lr")) {
      training.learningRate = chosen.learningRate();
    }
    presetLoss(chosen, isGiven);
  }

  /** Applies the recommended settings that suit every method and text of any width. */
  private void recommend(SasRecPreset settings, Predicate<String> isGiven) {
    if (!isGiven.test("--batch_size")) {
      training.batchSize = settings.batchSize();
    }
    if (!isGiven.test("--epoch")) {
      training.epochs = settings.epochs();
    }
    sequenceTraining.set(settings, isGiven);
    projection.trainsAllColumns = true;
    if (!isGiven.test("--row_scale")) {
      projection.rowScale = settings.rowScale();
    }
    if (!isGiven.test("--position_scale")) {
      model.positionScale = settings.positionScale();
    }
    if (!isGiven.test("--id_scale")) {
      model.idScale = RECOMMENDED_ID_SCALE;
    }
    if (!isGiven.test("--dropout_rate")) {
      model.dropout = settings.dropout();
    }
  }

  /**
   * Trains a model. Without validation examples, training runs for all epochs.
   *
   * @param trained the model
   * @param split the data to train on
   * @param listener the listener that receives the progress of training
   * @return the report of the training
   */
  public TrainingReport train(
      SequenceModel<?> trained, DatasetSplit split, TrainingListener listener) {
    Trainer.Builder<?> trainer = trainer(trained);
    training.applyTo(trainer);
    return sequenceTraining.train(trainer.seed(model.seed).listener(listener), split);
  }

  /**
   * Chooses the settings of ranking that are chosen after training, on validation data only.
   *
   * @param trained the trained model
   * @param split the data that it was trained on
   * @param out the writer to report the tried settings to
   * @return the model to test
   */
  public SequenceModel<?> choose(SequenceModel<?> trained, DatasetSplit split, PrintWriter out) {
    return trained;
  }

  @Override
  public void follow(RunOptions base) {
    sequenceTraining.maskSeen = ((SequenceOptions) base).maskSeen();
  }

  @Override
  public void forRun(double learningRate, long seed, Path checkpoint) {
    training.learningRate = learningRate;
    model.seed = seed;
    training.checkpoint = checkpoint;
  }

  @Override
  public String validationMetric() {
    return (maskSeen() ? "unseen " : "") + training.metric;
  }

  @Override
  public void describe(Map<String, Object> settings) {
    settings.put("preset", base == null ? "published" : base.toString());
    model.describe(settings);
    settings.put("hidden_dim", projection.hiddenDim);
    settings.put("null_dim", projection.nullDim);
    projection.describe(settings);
    describeBackbone(settings);
    training.describe(settings);
    sequenceTraining.describe(settings);
  }

  /**
   * The settings to start from.
   *
   * @param preset a preset, or null for the published defaults
   */
  record Base(@Nullable Preset<?> preset) {
    private static final String PUBLISHED = "published";

    static Base of(Preset<?> preset) {
      return new Base(preset);
    }

    boolean isPublished() {
      return preset != Presets.recommended();
    }

    @Override
    public String toString() {
      return preset == null ? PUBLISHED : preset.name();
    }
  }

  /** Converts the name of the settings to start from. */
  static final class PresetConverter implements ITypeConverter<Base> {
    @Override
    public Base convert(String name) {
      if (name.equalsIgnoreCase(Base.PUBLISHED)) {
        return new Base(null);
      }
      try {
        return Base.of(Presets.named(name));
      } catch (IllegalArgumentException e) {
        List<String> names = new ArrayList<>(Presets.all().stream().map(Preset::name).toList());
        names.add(Base.PUBLISHED);
        throw new TypeConversionException(
            "expected one of " + names + ", found '" + name + "'" + NearestName.hint(name, names));
      }
    }
  }
}
