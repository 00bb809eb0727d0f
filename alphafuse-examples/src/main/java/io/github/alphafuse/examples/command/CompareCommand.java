package io.github.alphafuse.examples.command;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains methods under one protocol and writes what they come to side by side. */
@Command(
    name = "compare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Compare ways to use language embeddings: methods x learning rates x seeds on the same data."
          + " Writes tables and pictures into a folder; a comparison that was stopped goes on there.",
      "The options of train, train_diffusion or train_graph hold for all methods. Options may also stand in a"
          + " file, named @FILE."
    })
public final class CompareCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      required = true,
      description =
          "What is compared, between commas: the names of --model_type (id for SASRec), all,"
              + " ablations (AlphaFuse without each of its parts), or NAME=METHOD:key=value,key=value"
              + " for a method with options of its own by the names of train's flags, as in"
              + " wide=alphafuse:null_dim=128,lr=0.001,loss_type=cosineCE. With --backbone graph:"
              + " lightgcn, lightgcn-infonce, alpharec, alpharec-linear, or all.")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description =
          "Seeds, between commas (default: 22,23,24). A method's own seeds=1 takes the first alone.")
  private List<Long> seeds = new ArrayList<>(List.of(22L, 23L, 24L));

  @Option(
      names = {"--learning_rates", "--learning-rates"},
      split = ",",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description =
          "Learning rates, between commas, from which each method's is chosen on validation with the"
              + " first seed (default: --lr, or its default). A method's own lr leaves no choice.")
  private List<Double> learningRates = new ArrayList<>();

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      converter = Backbone.Converter.class,
      description = "sasrec, dreamrec, or graph for LightGCN and AlphaRec (default: sasrec).")
  private Backbone<?> backbone = Backbone.SAS_REC;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder for tables, pictures and finished runs.")
  private @Nullable Path output;

  @Option(
      names = {"--new_items", "--new-items"},
      paramLabel = "SHARE",
      converter = Numbers.Share.class,
      description =
          "Hold this share of the items out of training altogether, and test on examples whose target"
              + " is one of them, which a method knows by its text alone. For the backbone sasrec;"
              + " methods that take no new items have no numbers.")
  private double newItems;

  @Mixin private final EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the table only.")
  private boolean quiet;

  private final PassedOptions passed = new PassedOptions();

  /** A command with its defaults. */
  public CompareCommand() {}

  /** The options that are passed on to each method. */
  PassedOptions passed() {
    return passed;
  }

  @Override
  public Integer call() {
    compare(backbone);
    return 0;
  }

  private <O extends RunOptions> void compare(Backbone<O> chosen) {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    PrintWriter results = line.getOut();
    PrintWriter out = quiet ? new PrintWriter(Writer.nullWriter()) : results;
    if (newItems > 0 && chosen != Backbone.SAS_REC) {
      throw new ParameterException(
          line, "--new_items is for the backbone sasrec, found --backbone " + chosen);
    }
    ComparisonRequest request = new ComparisonRequest(line, data, evaluation, methods, newItems);
    ContenderReader<O> reader =
        new ContenderReader<>(chosen, request, passed.given(line.getParseResult()));
    O base = reader.base();
    Machine machine = Machine.start();
    TestBed<O> bed = chosen.open(request, base);
    List<Contender<O>> contenders =
        bed.variants().stream().map(variant -> reader.read(variant, learningRates, seeds)).toList();
    Path folder = Objects.requireNonNull(output);
    Map<String, Map<String, String>> settings = new LinkedHashMap<>();
    contenders.forEach(each -> settings.put(each.variant().name(), each.settings()));
    Map<String, Object> protocol = new TreeMap<>();
    bed.describe(protocol);
    try (ComparisonFolder files =
        ComparisonFolder.open(folder, ComparisonFolder.texts(protocol), settings)) {
      out.println("AlphaFuse on " + machine);
      out.println("Data:       " + bed.data());
      bed.printDropped(out);
      Comparison<O> comparison =
          new Comparison<>(
              bed, files, new Comparison.Output(chosen.toString(), out, quiet ? null : out));
      List<ComparedMethod> compared = comparison.run(contenders);
      results.println(comparison.tables("", base.validationMetric(), compared).summary());
      results.println("Tables and pictures are in " + folder);
      results.flush();
      if (newItems == 0) {
        requireTrained(compared);
      }
    }
  }

  private static void requireTrained(List<ComparedMethod> compared) {
    List<String> failed =
        compared.stream()
            .filter(method -> method.runs().stream().allMatch(run -> run.test().isEmpty()))
            .map(method -> method.variant().name())
            .toList();
    if (!failed.isEmpty()) {
      throw new CommandFailedException(
          "training diverged with every learning rate: " + String.join(", ", failed));
    }
  }
}
