package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.serve.SavedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option that names a saved model. */
@Heading("Model")
public final class ModelFile {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "Model file, as saved by --output of train, train_diffusion or train_graph.")
  private Path file = Path.of("");

  @Mixin private final SamplingOptions sampling = new SamplingOptions();

  /** Creates the options with their defaults. */
  public ModelFile() {}

  /** {@return the model; a DreamRec model uses the sampling options given on the command line} */
  public RankingModel load() {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException("--model names no file: expected a saved model at " + file);
    }
    if (sampling.isStrideIdle()) {
      throw new IdleOptionException("--linespace has no effect without --sampler ddim, found ddpm");
    }
    RankingModel model = SavedModel.load(file);
    if (!sampling.isGiven()) {
      return model;
    }
    if (model instanceof DreamRec dreamRec) {
      return dreamRec.withSampling(sampling.applyTo(dreamRec.sampling()));
    }
    throw new CommandFailedException(
        "--sampler, --linespace, --w and --samples are for DreamRec models, "
            + file
            + " is not one");
  }
}
