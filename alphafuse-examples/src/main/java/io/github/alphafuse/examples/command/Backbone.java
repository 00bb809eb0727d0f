package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;

/**
 * A backbone whose methods are compared.
 *
 * @param <O> the options of a run on it
 */
final class Backbone<O extends RunOptions> {
  private static final String BY_COMPARE = "is set by compare";

  static final Backbone<MethodOptions> SAS_REC = ofSequences(Recipe.SAS_REC);
  static final Backbone<MethodOptions> DREAM_REC = ofSequences(Recipe.DREAM_REC);
  static final Backbone<GraphOptions> GRAPH =
      new Backbone<>(
          "graph",
          GraphOptions::new,
          ImmutableMap.<String, String>builder()
              .putAll(
                  reasons(BY_COMPARE, "--random_seed", "--random-seed", "--seed", "--checkpoint"))
              .putAll(
                  reasons(
                      "is set by the name of the method, one of " + GraphMethod.names(),
                      "--model",
                      "--model_type",
                      "--model-type",
                      "--loss",
                      "--loss_type",
                      "--loss-type",
                      "--projector"))
              .buildOrThrow(),
          GraphTestBed::open);

  /** All of them, the default first. */
  static final ImmutableList<Backbone<?>> ALL = ImmutableList.of(SAS_REC, DREAM_REC, GRAPH);

  private final String label;
  private final Supplier<O> options;
  private final ImmutableMap<String, String> reserved;
  private final Opener<O> opener;

  private Backbone(
      String label, Supplier<O> options, ImmutableMap<String, String> reserved, Opener<O> opener) {
    this.label = label;
    this.options = options;
    this.reserved = reserved;
    this.opener = opener;
  }

  private static Backbone<MethodOptions> ofSequences(Recipe recipe) {
    return new Backbone<>(
        recipe.toString(),
        recipe::newOptions,
        ImmutableMap.<String, String>builder()
            .putAll(
                reasons(
                    BY_COMPARE,
                    "--model_type",
                    "--model-type",
                    "--random_seed",
                    "--random-seed",
                    "--checkpoint"))
            .putAll(reasons("is for train_diffusion alone", "--guidances"))
            .buildOrThrow(),
        (request, base) -> SequenceTestBed.open(request, recipe, base));
  }

  private static ImmutableMap<String, String> reasons(String reason, String... flags) {
    return Maps.toMap(ImmutableList.copyOf(flags), flag -> reason);
  }

  @FunctionalInterface
  private interface Opener<O extends RunOptions> {
    TestBed<O> open(ComparisonRequest request, O base);
  }

  /** The options of a run, with their defaults. */
  O newOptions() {
    return options.get();
  }

  /** The flags of a run's options that are not for the user to give, each with the reason. */
  ImmutableMap<String, String> reserved() {
    return reserved;
  }

  /** Loads the data and finds the methods; {@code base} has the options for all methods. */
  TestBed<O> open(ComparisonRequest request, O base) {
    return opener.open(request, base);
  }

  @Override
  public String toString() {
    return label;
  }

  /** Reads the name of a backbone. */
  static final class Converter implements ITypeConverter<Backbone<?>> {
    @Override
    public Backbone<?> convert(String name) {
      return new Choices<Backbone<?>>(ALL.toArray(new Backbone<?>[0])).convert(name);
    }
  }
}
