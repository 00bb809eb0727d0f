package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.Intention;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.RecommendationRequest;
import io.github.alphafuse.backbones.serve.Recommendations;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.FolderOptions;
import io.github.alphafuse.examples.option.Heading;
import io.github.alphafuse.examples.option.HistoryOptions;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Recommends items for one history. */
@Heading("Recommendation")
@Command(
    name = "recommend",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Recommend items for a history, using a saved model.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse recommend --model model.alphafuse --data my-data --history \"3424 6225\" --top 10",
      "  alphafuse recommend --model model.alphafuse --history_file history.txt --skip_unknown"
    })
public final class RecommendCommand implements Callable<Integer> {
  private static final double EVEN_WEIGHT = 0.5;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ModelFile file = new ModelFile();
  @Mixin private final HistoryOptions history = new HistoryOptions();
  @Mixin private final FolderOptions data = new FolderOptions();

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
      names = {"--skip_unknown", "--skip-unknown"},
      description =
          "Skip and count items of the history that the model does not know, instead of"
              + " reporting an error.")
  private boolean skipUnknown;

  @Option(
      names = "--explain",
      description =
          "Print below each item how much of its score comes from its text and from clicks, and"
              + " which items of the history add most to it.")
  private boolean explain;

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
              + " 0.5).")
  private @Nullable Double intentionWeight;

  /** Creates the command with its default options. */
  public RecommendCommand() {}

  private RankingModel intend(RankingModel model) {
    Path given = intention;
    if (given == null) {
      if (intentionWeight != null) {
        throw new CommandFailedException("--intention_weight needs --intention FILE");
      }
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
    return alphaRec.withIntention(
        Intention.of(row.row(0), intentionWeight == null ? EVEN_WEIGHT : intentionWeight));
  }

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    try {
      history.check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, e.getMessage(), e);
    }
    Backend.require();
    RankingModel model = intend(file.load());
    ItemVocabulary items = model.vocabulary();
    ImmutableMap<String, String> titles = data.loadTitles(items).orElse(ImmutableMap.of());
    List<String> ids = history.ids(items);
    PrintWriter out = line.getOut();
    int rank = 0;
    requireKnown(ids, items);
    try (Recommender recommender =
        Recommender.builder(model).excludeSeen(!includeSeen).keepText(explain).build()) {
      Recommendations answer =
          recommender.recommend(RecommendationRequest.of(ids).count(top).explain(explain));
      answer
          .fallback()
          .ifPresent(
              ranking ->
                  line.getErr()
                      .println(
                          "warning: no item of the history is known; these are the first by "
                              + ranking));
      for (Recommendation item : answer) {
        rank++;
        String title = titles.getOrDefault(item.item(), "");
        out.println(
            String.format(
                    Locale.ROOT, "%4d  %-12s %10.4f  %s", rank, item.item(), item.score(), title)
                .stripTrailing());
        item.explanation().ifPresent(why -> out.println("      " + why));
      }
    }
    out.flush();
    reportSkipped(line.getErr(), ids, items);
    if (rank < top) {
      reportFew(line.getErr(), rank, items);
    }
    return 0;
  }

  private void requireKnown(List<String> ids, ItemVocabulary items) {
    for (String id : ids) {
      if (!skipUnknown && items.find(id).isEmpty()) {
        throw new CommandFailedException(
            "item '"
                + id
                + "' of the history is not among the model's "
                + items.size()
                + " items; --skip_unknown leaves such items out");
      }
    }
  }

  private static void reportSkipped(PrintWriter err, List<String> ids, ItemVocabulary items) {
    List<String> unknown = ids.stream().filter(id -> items.find(id).isEmpty()).toList();
    if (!unknown.isEmpty()) {
      err.println(
          "warning: "
              + unknown.size()
              + " of the history's "
              + ids.size()
              + " items skipped, which the model does not know (e.g. "
              + unknown.get(0)
              + ")");
    }
  }

  /** Explains a list that is shorter than was asked for. */
  private void reportFew(PrintWriter err, int found, ItemVocabulary items) {
    err.println(
        "warning: "
            + (found == 0 ? "nothing is left to recommend" : found + " items instead of " + top)
            + ": the model has "
            + items.size()
            + " items"
            + (includeSeen
                ? ""
                : ", and those of the history are left out; --include_seen recommends them too"));
  }
}
