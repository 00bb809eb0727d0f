package io.github.alphafuse.examples.command;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.Intention;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.ModelFile;
import io.github.alphafuse.examples.option.Numbers;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Recommends items for one history. */
@Command(
    name = "recommend",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Recommend items for a history, using a saved model.")
public final class RecommendCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ModelFile file = new ModelFile();
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--history",
      required = true,
      paramLabel = "\"ID ID ID\"",
      description = "Ids of the user's items, oldest first, separated by spaces or commas.")
  private String history = "";

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Number of items to recommend (default: ${DEFAULT-VALUE}).")
  private int top = 10;

  @Option(
      names = {"--include_seen", "--include-seen"},
      description = "Also recommend items of the history.")
  private boolean includeSeen;

  @Option(
      names = "--intention",
      paramLabel = "FILE",
      description =
          "For an AlphaRec model: a .npy file with one row, the language embedding of a text"
              + " that describes what the user wants.")
  private @Nullable Path intention;

  @Option(
      names = {"--intention_weight", "--intention-weight"},
      paramLabel = "A",
      description =
          "Weight of the intention, from 0 to 1; with 1, only the intention counts (default:"
              + " ${DEFAULT-VALUE}).")
  private double intentionWeight = 0.5;

  /** Creates the command with its default options. */
  public RecommendCommand() {}

  private RankingModel intend(RankingModel model) {
    Path given = intention;
    if (given == null) {
      return model;
    }
    if (!(model instanceof AlphaRec alphaRec)) {
      throw new CommandFailedException(
          "--intention is for AlphaRec models, but the model is of another kind");
    }
    if (!Files.isRegularFile(given)) {
      throw new CommandFailedException("--intention names no file: expected " + given);
    }
    LanguageEmbeddings row = LanguageEmbeddings.npy(given);
    if (row.itemCount() != 1) {
      throw new CommandFailedException(
          "--intention must hold one row, found " + row.itemCount() + " in " + given);
    }
    return alphaRec.withIntention(Intention.of(row.row(0), intentionWeight));
  }

  @Override
  public Integer call() {
    Backend.require();
    RankingModel model = intend(file.load());
    ImmutableMap<String, String> titles =
        data.loadTitles(model.vocabulary()).orElse(ImmutableMap.of());
    List<String> ids = Splitter.onPattern("[\\s,]+").omitEmptyStrings().splitToList(history);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    try (Recommender recommender = Recommender.builder(model).excludeSeen(!includeSeen).build()) {
      int rank = 0;
      for (Recommendation item : recommender.recommend(ids, top)) {
        rank++;
        String title = titles.getOrDefault(item.item(), "");
        out.println(
            String.format(
                    Locale.ROOT, "%4d  %-12s %10.4f  %s", rank, item.item(), item.score(), title)
                .stripTrailing());
      }
    }
    out.flush();
    return 0;
  }
}
