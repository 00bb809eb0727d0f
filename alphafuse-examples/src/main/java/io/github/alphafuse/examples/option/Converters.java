package io.github.alphafuse.examples.option;

import com.google.common.base.CharMatcher;
import io.github.alphafuse.backbones.data.DuplicateItems;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.dreamrec.Denoiser;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.evaluate.LongTailProtocol;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.nullspace.RowNormalization;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The converters of option values. */
public final class Converters {
  private Converters() {}

  /**
   * Registers the converters of all options on a command line.
   *
   * @param line a command line
   * @return the same command line
   */
  public static CommandLine register(CommandLine line) {
    return line.registerConverter(Path.class, Converters::path)
        .registerConverter(Backbone.class, new Choices<>(Backbone.values()))
        .registerConverter(Engine.class, new Choices<>(Engine.values()))
        .registerConverter(Positions.class, new Choices<>(Positions.values()))
        .registerConverter(Similarity.class, new Choices<>(Similarity.values()))
        .registerConverter(
            SequenceTrainingOptions.RateSchedule.class,
            new Choices<>(SequenceTrainingOptions.RateSchedule.values()))
        .registerConverter(LossType.class, new Choices<>(LossType.values()))
        .registerConverter(DiffusionLoss.class, name -> named(DiffusionLoss::named, name))
        .registerConverter(BetaSchedule.class, new Choices<>(BetaSchedule.values()))
        .registerConverter(Denoiser.class, new Choices<>(Denoiser.values()))
        .registerConverter(SamplerType.class, new Choices<>(SamplerType.values()))
        .registerConverter(SolverType.class, new Choices<>(SolverType.values()))
        .registerConverter(DuplicateItems.class, new Choices<>(DuplicateItems.values()))
        .registerConverter(SplitType.class, new Choices<>(SplitType.values()))
        .registerConverter(LongTailProtocol.class, new Choices<>(LongTailProtocol.values()))
        .registerConverter(GraphOptions.Kind.class, new Choices<>(GraphOptions.Kind.values()))
        .registerConverter(
            GraphOptions.PairLoss.class, new Choices<>(GraphOptions.PairLoss.values()))
        .registerConverter(Projector.class, new Choices<>(Projector.values()))
        .registerConverter(RowNormalization.class, new Choices<>(RowNormalization.values()))
        .registerConverter(Metric.class, name -> named(Metric::named, name))
        .setUsageHelpWidth(100)
        .setUsageHelpAutoWidth(true)
        .setAbbreviatedOptionsAllowed(false);
  }

  /**
   * Describes a name that is no path on this machine.
   *
   * @param e the exception with the name
   * @return what was given, why it is no path, and the setting that helps
   */
  public static String notAPath(InvalidPathException e) {
    return "expected a path, found '"
        + e.getInput()
        + "': "
        + (CharMatcher.ascii().matchesAllOf(e.getInput())
            ? e.getReason()
            : "Java cannot encode its characters in the locale of this process; set"
                + " LC_ALL=C.UTF-8");
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(notAPath(e));
    }
  }

  private static <T> T named(Function<String, T> values, String name) {
    try {
      return values.apply(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
