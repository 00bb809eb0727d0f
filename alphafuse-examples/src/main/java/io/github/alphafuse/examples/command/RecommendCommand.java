package io.github.alphafuse.examples.command;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
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
    description = "Recommend items for a history, from a saved model.")
public final class RecommendCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ModelFile file = new ModelFile();
  @Mixin private final DataOptions data = new DataOptions();

  @Option(
      names = "--history",
      required = true,
      paramLabel = "\"ID ID ID\"",
      description = "Ids of the user's items, oldest first, between spaces or commas.")
  private String history = "";

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "How many items to recommend (default: ${DEFAULT-VALUE}).")
  private int top = 10;

  @Option(
      names = {"--include_seen", "--include-seen"},
      description = "Recommend items of the history too.")
  private boolean includeSeen;

  /** A command with its defaults. */
  public RecommendCommand() {}

  @Override
  public Integer call() {
    Backend.require();
    SequenceModel model = file.load();
    ImmutableList<String> titles =
        data.loadTitles(model.items().itemCount()).orElse(ImmutableList.of());
    List<String> ids = Splitter.onPattern("[\\s,]+").omitEmptyStrings().splitToList(history);
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    try (Recommender recommender = Recommender.builder(model).excludeSeen(!includeSeen).build()) {
      int rank = 0;
      for (Recommendation item : recommender.recommend(ids, top)) {
        rank++;
        String title = titles.isEmpty() ? "" : titles.get(model.vocabulary().row(item.item()));
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
