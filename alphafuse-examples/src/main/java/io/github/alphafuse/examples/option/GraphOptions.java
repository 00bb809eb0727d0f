package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.preset.AlphaRecPreset;
import io.github.alphafuse.backbones.preset.GraphPreset;
import io.github.alphafuse.backbones.preset.LightGcnPreset;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.train.GraphTrainer;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.examples.data.GraphData;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of a graph model and its training. */
@Heading("Model and loss")
public final class GraphOptions implements RunOptions {
  private static final double LIGHTGCN_RATE = 1e-3;

  /** The models. */
  enum Kind {
    LIGHTGCN,
    ALPHAREC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The losses. */
  enum PairLoss {
    BPR,
    INFONCE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      converter = PresetConverter.class,
      description =
          "Published settings: lightgcn-movies, -beauty, -beauty-infonce, -baby,"
              + " -baby-infonce, or alpharec-movies, -beauty, -baby. Options given on the"
              + " command line override it.")
  private @Nullable GraphPreset preset;

  @Option(
      names = {"--model", "--model_type", "--model-type"},
      paramLabel = "NAME",
      description = "Graph model: lightgcn or alpharec (default: ${DEFAULT-VALUE}).")
  Kind model = Kind.ALPHAREC;

  @Option(
      names = {"--loss", "--loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "Loss: bpr, or infonce, which scores cosines (default: bpr for lightgcn; alpharec"
              + " always uses infonce).")
  @Nullable PairLoss loss;

  @Option(
      names = "--projector",
      paramLabel = "NAME",
      description = "Projector of alpharec: linear or mlp (default: mlp).")
  @Nullable Projector projector;

  @Option(
      names = {"--hidden_dim", "--hidden-dim"},
      paramLabel = "D",
      converter = Numbers.Count.class,
      description = "Embedding dimension d (default: ${DEFAULT-VALUE}).")
  int dim = 64;

  @Option(
      names = "--layers",
      paramLabel = "K",
      converter = Numbers.Count.class,
      description = "Propagation layers (default: ${DEFAULT-VALUE}).")
  int layers = 2;

  @Option(
      names = {"--tau", "--temperature"},
      paramLabel = "TAU",
      converter = Numbers.Positive.class,
      description =
          "Temperature of infonce, which divides the cosines (default: ${DEFAULT-VALUE}).")
  double temperature = 0.15;

  @Option(
      names = {"--negatives", "--neg_ratio", "--neg-ratio"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Negatives per pair under infonce, drawn from unseen items (default:"
              + " ${DEFAULT-VALUE}).")
  int negatives = 256;

  @Option(
      names = "--decay",
      paramLabel = "X",
      converter = Numbers.NotNegative.class,
      description =
          "L2 regularisation of the initial vectors of a batch (lightgcn) or of the projector"
              + " (alpharec) (default: ${DEFAULT-VALUE}).")
  double decay;

  @Mixin private final TrainingOptions training = new TrainingOptions(Backbone.GRAPH);

  @Option(
      names = {"--random_seed", "--random-seed", "--seed"},
      paramLabel = "N",
      description = "Seed of the initial weights, pairs and negatives (default: ${DEFAULT-VALUE}).")
  long seed = 22;

  /** Creates the options with their defaults. */
  public GraphOptions() {}

  @Override
  public void complete(Predicate<String> isGiven) {
    if (preset != null) {
      apply(preset, isGiven);
    }
    if (training.learningRate == null && model == Kind.LIGHTGCN) {
      training.learningRate = LIGHTGCN_RATE;
    }
    check();
  }

  private void apply(GraphPreset chosen, Predicate<String> isGiven) {
    Kind kind = chosen instanceof LightGcnPreset ? Kind.LIGHTGCN : Kind.ALPHAREC;
    if (isGiven.test("--model") && model != kind) {
      throw new IllegalArgumentException(
          "--preset " + chosen.name() + " is for " + kind + ", found --model " + model);
    }
    model = kind;
    dim = isGiven.test("--hidden_dim") ? dim : GraphPreset.DIM;
    layers = isGiven.test("--layers") ? layers : chosen.layers();
    if (!isGiven.test("--lr")) {
      training.learningRate = chosen.learningRate();
    }
    if (!isGiven.test("--loss")) {
      loss = chosen.loss() instanceof InfoNce ? PairLoss.INFONCE : PairLoss.BPR;
    }
    if (chosen.loss() instanceof InfoNce contrast) {
      temperature = isGiven.test("--tau") ? temperature : contrast.temperature();
      negatives = isGiven.test("--negatives") ? negatives : contrast.negatives();
    }
    if (chosen instanceof LightGcnPreset settings) {
      decay = isGiven.test("--decay") ? decay : settings.egoDecay();
      if (!isGiven.test("--epoch")) {
        training.epochs = settings.epochs();
      }
    } else if (chosen instanceof AlphaRecPreset settings) {
      decay = isGiven.test("--decay") ? decay : settings.weightDecay();
      if (!isGiven.test("--batch_size")) {
        training.batchSize = settings.batchSize();
      }
    }
  }

  private void check() {
    if (model == Kind.ALPHAREC && loss == PairLoss.BPR) {
      throw new IllegalArgumentException("--loss must be infonce for alpharec, found bpr");
    }
    if (model == Kind.LIGHTGCN && projector != null) {
      throw new IllegalArgumentException(
          "--projector is for alpharec, found --model lightgcn --projector " + projector);
    }
  }

  @Override
  public List<String> withoutEffect(Predicate<String> isGiven) {
    return isContrast()
        ? List.of()
        : Stream.of("--tau", "--negatives")
            .filter(isGiven)
            .map(flag -> flag + " has no effect with --loss " + PairLoss.BPR)
            .toList();
  }

  private Loss loss() {
    return isContrast() ? InfoNce.withNegatives(negatives).temperature(temperature) : Bpr.create();
  }

  private boolean isContrast() {
    return model == Kind.ALPHAREC || loss == PairLoss.INFONCE;
  }

  @Override
  public void forRun(double rate, long start, Path file) {
    training.learningRate = rate;
    training.checkpoint = file;
    this.seed = start;
  }

  @Override
  public TrainingOptions training() {
    return training;
  }

  /** {@return whether the model needs language embeddings} */
  public boolean needsText() {
    return model == Kind.ALPHAREC;
  }

  /**
   * Builds a model.
   *
   * @param data the data that it will be trained on
   * @return the model with its initial weights
   */
  public GraphModel build(GraphData data) {
    InteractionGraph graph = InteractionGraph.of(data.split().train());
    return needsText()
        ? AlphaRec.builder(data.text().orElseThrow(), graph)
            .projector(projector == null ? Projector.MLP : projector)
            .dim(dim)
            .layers(layers)
            .seed(seed)
            .build()
        : LightGcn.builder(graph)
            .dim(dim)
            .layers(layers)
            .similarity(isContrast() ? Similarity.COSINE : Similarity.INNER_PRODUCT)
            .seed(seed)
            .build();
  }

  /**
   * Trains a model. Without validation items, training runs for all epochs.
   *
   * @param trained the model
   * @param split the data to train on
   * @param listener the listener that receives the progress of training
   * @return the report of the training
   */
  public TrainingReport train(
      GraphModel trained, InteractionSplit split, TrainingListener listener) {
    GraphTrainer.Builder trainer =
        GraphTrainer.builder(trained)
            .loss(loss())
            .weightDecay(model == Kind.ALPHAREC ? decay : 0)
            .egoDecay(model == Kind.LIGHTGCN ? decay : 0)
            .seed(seed)
            .listener(listener);
    training.applyTo(trainer);
    return trainer.fit(split);
  }

  @Override
  public void describe(Map<String, Object> settings) {
    settings.put("preset", preset == null ? "" : preset.name());
    settings.put("model", model.toString());
    settings.put("loss", isContrast() ? "infonce" : "bpr");
    settings.put(
        "projector",
        model == Kind.ALPHAREC
            ? (projector == null ? Projector.MLP : projector).name().toLowerCase(Locale.ROOT)
            : "");
    settings.put("hidden_dim", dim);
    settings.put("layers", layers);
    settings.put("tau", temperature);
    settings.put("negatives", isContrast() ? negatives : 1);
    settings.put("decay", decay);
    training.describe(settings);
    settings.put("random_seed", seed);
  }

  /** Converts the name of a preset. */
  static final class PresetConverter implements ITypeConverter<GraphPreset> {
    @Override
    public GraphPreset convert(String name) {
      try {
        return Presets.graphNamed(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            e.getMessage()
                + NearestName.hint(
                    name, Presets.allOfGraphs().stream().map(GraphPreset::name).toList()));
      }
    }
  }
}
