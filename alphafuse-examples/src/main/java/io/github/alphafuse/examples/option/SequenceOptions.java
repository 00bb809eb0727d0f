package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** All that says what is trained and how; which backbone and by which loss, a subclass says. */
public abstract class SequenceOptions implements RunOptions {
  /** The standard deviation of IDs that start from normal values. */
  private static final double RECOMMENDED_ID_SCALE = 0.1;

  /** What an authors' command says of the method: it asks for their settings. */
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
          "The settings to start from: recommended, published, or those published for a data set:"
              + " alphafuse-movies, -toys, -sports, -yelp, -fashion, -beauty, or dreamrec-movies,"
              + " -toys, -sports, -beauty. Options that are given go before it. (Default of train:"
              + " recommended, or published where an option says how the authors' method is: "
              + "--model_type, --loss_type, --neg_ratio, --null_dim, --null_thres, --hidden_dim,"
              + " --ID_embs_init_type, --cover, --standardization or --item_frequency_flag; of compare and train_diffusion: published.)")
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
   * Options with their defaults.
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

  /** {@return how language embeddings are decomposed} */
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

  /** {@return whether that is without the items of a history} */
  public boolean maskSeen() {
    return sequenceTraining.maskSeen;
  }

  boolean isDiffusion() {
    return backbone.isDiffusion();
  }

  /** Whether settings are those of the papers, in what is not given. */
  boolean isPublished() {
    return base == null || base.isPublished();
  }

  /** {@return how items are embedded} */
  public ModelType type() {
    return model.type;
  }

  /**
   * Embeds items.
   *
   * @param source the data of the items
   * @return what the model type makes of them
   */
  public ModelType.Items items(TrainingData source) {
    return model.type.items(
        new ModelType.Input(source.embeddings(), source.split().train().itemFrequencies(), this));
  }

  /**
   * Makes a model.
   *
   * @param items the embedding of its items
   * @param vocabulary their ids
   * @return the model with its start weights
   */
  public abstract SequenceModel<?> build(ItemEmbedding items, ItemVocabulary vocabulary);

  /** A trainer of a model that {@link #build} made, with its loss. */
  abstract Trainer.Builder<?> trainer(SequenceModel<?> trained);

  /** Sets the loss of a preset. */
  abstract void presetLoss(Preset<?> chosen, Predicate<String> isGiven);

  /** Checks what no single option of the subclass can. */
  abstract void checkBackbone(Predicate<String> isGiven);

  /** Puts the options of the subclass under the names of their flags. */
  abstract void describeBackbone(Map<String, Object> settings);

  /**
   * Takes the recommended settings unless something asks for the authors'.
   *
   * @param isGiven tells whether the option of a name was on the command line
   * @return the settings that are taken, and why, in a line
   */
  public String chooseBase(Predicate<String> isGiven) {
    if (base != null) {
      return "Settings:   " + base + ", as --preset says";
    }
    if (backbone.isDiffusion()) {
      return "Settings:   published: none are recommended for a diffusion";
    }
    for (String flag : AUTHORS_FLAGS) {
      if (isGiven.test(flag)) {
        return "Settings:   published, as "
            + flag
            + " is given; --preset recommended takes the recommended ones";
      }
    }
    base = Base.of(Presets.recommended());
    return "Settings:   recommended, as no option says how the authors' method is; --preset"
        + " published takes theirs";
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
          "--positions every: the views of LLM-ESR see later items, the targets among them; train"
              + " it with --positions last --prefixes");
    }
    projection.widthFactor = model.heads;
    checkBackbone(isGiven);
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
    // The start of AlphaFuse's IDs says nothing of another method's.
    if (!isGiven.test("--ID_embs_init_type") && model.type == ModelType.ALPHA_FUSE) {
      model.idInit = chosen.idInitializer().name();
    }
    if (!isGiven.test("--lr")) {
      training.learningRate = chosen.learningRate();
    }
    presetLoss(chosen, isGiven);
  }

  /** Takes what is recommended for any method, and for text of any width. */
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
   * Trains a model; without validation examples, for all epochs.
   *
   * @param trained the model
   * @param split what it is trained on
   * @param listener who is told how training goes
   * @return what became of it
   */
  public TrainingReport train(
      SequenceModel<?> trained, DatasetSplit split, TrainingListener listener) {
    Trainer.Builder<?> trainer = trainer(trained);
    training.applyTo(trainer);
    return sequenceTraining.train(trainer.seed(model.seed).listener(listener), split);
  }

  /**
   * Chooses what is chosen after training, on validation alone.
   *
   * @param trained the trained model
   * @param split what it was trained on
   * @param out where it is said what was tried
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

  /** Reads the name of the settings to start from. */
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
