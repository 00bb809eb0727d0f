package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.TrainerBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of training that all backbones share. */
@Heading("Training")
public final class TrainingOptions {
  private static final int GENERATED_EPOCHS = 20;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description =
          "Learning rate (default: 0.005 with recommended settings, otherwise 0.001; 0.00001"
              + " for a diffusion, 0.0005 for AlphaRec; 0.01 on generated data, except for a"
              + " graph model).")
  @Nullable Double learningRate;

  @Option(
      names = {"--batch_size", "--batch-size"},
      paramLabel = "B",
      converter = Numbers.Count.class,
      description =
          "Batch size: examples per step, or pairs for a graph model (default: 320 with"
              + " recommended settings, otherwise ${DEFAULT-VALUE}).")
  int batchSize;

  @Option(
      names = {"--epoch", "--epochs"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Maximum number of epochs (default: 15 with recommended settings, otherwise 500;"
              + " 1000 for a diffusion; 20 on generated data).")
  @Nullable Integer epochs;

  @Option(
      names = "--patience",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Number of evaluations without improvement after which training ends (default:"
              + " ${DEFAULT-VALUE}).")
  int patience;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "Validation metric that the best epoch is chosen by (default: ${DEFAULT-VALUE}).")
  Metric metric;

  @Option(
      names = {"--evaluate_every", "--evaluate-every"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Number of epochs between evaluations (default: ${DEFAULT-VALUE}).")
  int evaluateEvery;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description =
          "Save the state of training to this file after each epoch. If the file exists,"
              + " training resumes from it.")
  @Nullable Path checkpoint;

  private final Published published;
  private boolean isGenerated;

  TrainingOptions(Backbone backbone) {
    this.published = Published.of(backbone);
    this.batchSize = published.batchSize;
    this.patience = published.patience;
    this.metric = published.metric;
    this.evaluateEvery = published.evaluateEvery;
  }

  /** The published settings of a backbone, and a learning rate for generated data. */
  private record Published(
      double learningRate,
      double generatedRate,
      int batchSize,
      int epochs,
      int patience,
      Metric metric,
      int evaluateEvery) {

    static Published of(Backbone backbone) {
      return switch (backbone) {
        case SAS_REC -> new Published(1e-3, 1e-2, 256, 500, 50, Metric.ndcg(20), 1);
        case DREAM_REC -> new Published(1e-5, 1e-2, 256, 1000, 50, Metric.ndcg(20), 5);
        case GRAPH -> new Published(5e-4, 5e-4, 2048, 500, 20, Metric.recall(20), 1);
      };
    }
  }

  /** Switches to the defaults for generated data, which is small and should train quickly. */
  public void forGeneratedData() {
    this.isGenerated = true;
  }

  /** {@return the maximum number of epochs} */
  public int epochs() {
    return epochs == null ? (isGenerated ? GENERATED_EPOCHS : published.epochs) : epochs;
  }

  /** {@return the learning rate} */
  public double learningRate() {
    return learningRate == null
        ? (isGenerated ? published.generatedRate : published.learningRate)
        : learningRate;
  }

  /** {@return the validation metric that the best epoch is chosen by} */
  public Metric metric() {
    return metric;
  }

  /** Checks, before training, that checkpoints can be written. */
  public void check() {
    OutputOptions.requireFolder("--checkpoint", checkpoint);
  }

  /** Applies the settings to a trainer. */
  <B extends TrainerBuilder<B>> B applyTo(B trainer) {
    trainer
        .learningRate(learningRate())
        .batchSize(batchSize)
        .epochs(epochs())
        .earlyStopping(metric, patience)
        .evaluateEvery(evaluateEvery);
    return checkpoint == null ? trainer : trainer.checkpoint(checkpoint);
  }

  void describe(Map<String, Object> settings) {
    settings.put("lr", learningRate());
    settings.put("batch_size", batchSize);
    settings.put("epoch", epochs());
    settings.put("patience", patience);
    settings.put("metric", metric.toString());
    settings.put("evaluate_every", evaluateEvery);
    settings.put("checkpoint", checkpoint == null ? "" : checkpoint.toString());
  }

  /**
   * Returns a warning about training without validation.
   *
   * @param what what there is none of, examples or items
   * @return a line of output
   */
  public String unvalidated(String what) {
    return "warning: no validation "
        + what
        + ": --patience, --metric and --evaluate_every have no effect, all "
        + epochs()
        + " epochs are made, and the weights of the last one are kept";
  }
}
