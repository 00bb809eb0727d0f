package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.Denoiser;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of a diffusion besides its encoder: noise, denoiser, loss and sampling. */
@Heading("Diffusion")
final class DiffusionOptions {
  @Option(
      names = {"--loss_type", "-loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "Loss between a target's row and its prediction from noise: l2, l1 or huber"
              + " (default: l2).")
  private DiffusionLoss loss = DiffusionLoss.L2;

  @Option(
      names = "--timesteps",
      paramLabel = "T",
      converter = Numbers.Count.class,
      description = "Steps of the noise schedule (default: ${DEFAULT-VALUE}).")
  private int timesteps = 2000;

  @Option(
      names = {"--beta_sche", "--beta-sche"},
      paramLabel = "NAME",
      description = "Noise schedule: linear, exp, cosine or sqrt (default: ${DEFAULT-VALUE}).")
  private BetaSchedule betaSchedule = BetaSchedule.LINEAR;

  @Option(
      names = {"--beta_start", "--beta-start"},
      paramLabel = "BETA",
      converter = Numbers.Share.class,
      description = "First variance of a linear schedule (default: ${DEFAULT-VALUE}).")
  private double betaStart = 1e-4;

  @Option(
      names = {"--beta_end", "--beta-end"},
      paramLabel = "BETA",
      converter = Numbers.Share.class,
      description = "Last variance of a linear schedule (default: ${DEFAULT-VALUE}).")
  private double betaEnd = 0.02;

  @Option(
      names = "--denoiser",
      paramLabel = "NAME",
      description = "Denoiser: linear (one linear map) or mlp (two layers) (default: linear).")
  private Denoiser denoiser = Denoiser.LINEAR;

  @Option(
      names = {"--condition_dropout", "--condition-dropout"},
      paramLabel = "P",
      converter = Numbers.Probability.class,
      description =
          "Probability that training replaces the condition of a history by \"none\""
              + " (default: ${DEFAULT-VALUE}).")
  private double conditionDropout = 0.1;

  @Mixin private final SamplingOptions sampling = new SamplingOptions();

  DiffusionLoss loss() {
    return loss;
  }

  /** Checks the combination of options. */
  void check() {
    if (betaSchedule == BetaSchedule.LINEAR && betaEnd < betaStart) {
      throw new IllegalArgumentException(
          "--beta_end must be at least --beta_start " + betaStart + ", found " + betaEnd);
    }
    NoiseSchedule schedule;
    try {
      schedule = schedule();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--beta_sche " + betaSchedule + ": " + e.getMessage(), e);
    }
    int stride = sampling().stride();
    if (stride > 0) {
      schedule.requireStride(stride);
    }
  }

  /** Adds a clause for each given option that has no effect with the schedule or the sampler. */
  void addWithoutEffect(Predicate<String> isGiven, List<String> clauses) {
    for (String flag : List.of("--beta_start", "--beta_end")) {
      if (isGiven.test(flag) && betaSchedule != BetaSchedule.LINEAR) {
        clauses.add(flag + " has no effect with --beta_sche " + betaSchedule);
      }
    }
    if (sampling.isStrideIdle()) {
      clauses.add("--linespace has no effect with --sampler ddpm");
    }
  }

  private NoiseSchedule schedule() {
    return betaSchedule.steps(timesteps, betaStart, betaEnd);
  }

  private Sampling sampling() {
    return sampling.applyTo(SamplingOptions.PUBLISHED);
  }

  DreamRec build(DreamRec.Builder model) {
    return model
        .schedule(schedule())
        .denoiser(denoiser)
        .conditionDropout(conditionDropout)
        .sampling(sampling())
        .build();
  }

  void describe(Map<String, Object> settings) {
    settings.put("loss_type", loss.toString().toLowerCase(Locale.ROOT));
    settings.put("timesteps", timesteps);
    settings.put("beta_sche", betaSchedule.toString());
    settings.put("beta_start", betaStart);
    settings.put("beta_end", betaEnd);
    settings.put("denoiser", denoiser.toString().toLowerCase(Locale.ROOT));
    settings.put("condition_dropout", conditionDropout);
    SamplingOptions.describe(sampling(), settings);
  }
}
