package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.examples.option.Numbers;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A comparison as Markdown and as CSV.
 *
 * @param title the data, the backbone and the number of epochs; may be empty
 * @param metric the validation metric of all choices
 * @param methods the methods with their runs
 * @param popularity the evaluations of the popularity baseline under the same protocols
 * @param layout the content of the tables
 */
record ComparisonTables(
    String title,
    String metric,
    List<MethodRuns> methods,
    List<Evaluation> popularity,
    ReportLayout layout) {
  private static final Metric DIFFERED = Metric.ndcg(20);

  private static final ImmutableList<String> GROUP_METRICS =
      ImmutableList.of("HR@10", "NDCG@10", "NDCG@20");

  private List<String> metrics(Evaluation protocol) {
    String prefix = protocol.prefix();
    return layout.columns().stream().map(metric -> prefix + metric).toList();
  }

  /** Returns the groups that have examples. */
  static Set<String> groups(List<Evaluation> protocols) {
    Set<String> names = new LinkedHashSet<>();
    for (Evaluation protocol : protocols) {
      protocol
          .groups()
          .forEach(
              (name, group) -> {
                if (!group.isEmpty()) {
                  names.add(name);
                }
              });
    }
    return names;
  }

  void write(Path markdown, Path csv) {
    JsonFile.writeText(markdown, markdown());
    JsonFile.writeText(csv, csv());
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("# Comparison\n\n").append(title).append("\n\n");
    text.append(
        "Test metrics are means over seeds, ± their standard deviation; the best of each"
            + " column is bold. Learning rates and epochs were chosen by validation "
            + metric
            + ", learning rates with the first seed; the test part was not used for any choice.\n");
    for (Evaluation protocol : popularity) {
      text.append("\n## Test, ")
          .append(
              protocol.negatives() == 0
                  ? layout.ranking().isEmpty() ? Printout.ranking(protocol) : layout.ranking()
                  : "each target ranked against " + protocol.negatives() + " sampled items")
          .append(String.format(Locale.ROOT, ", %,d %s%n%n", protocol.size(), layout.examples()));
      appendMetrics(text, metrics(protocol), layout.values(protocol));
    }
    for (String group : groups(popularity)) {
      text.append("\n## Test, ").append(group);
      List<String> names = new ArrayList<>();
      Map<String, Double> baseline = new LinkedHashMap<>();
      for (Evaluation protocol : popularity) {
        String prefix = protocol.prefix();
        GROUP_METRICS.forEach(name -> names.add(prefix + name));
        baseline.putAll(protocol.group(group).toMap());
      }
      text.append(
          String.format(Locale.ROOT, ", %,d examples%n%n", popularity.get(0).group(group).size()));
      appendColumns(text, names, baseline, name -> method -> method.group(group, name));
    }
    appendDifferences(text);
    appendCosts(text);
    appendMethods(text);
    return text.toString().replace("\r\n", "\n");
  }

  /** Appends the paired differences of every method from the first. */
  private void appendDifferences(StringBuilder text) {
    List<String> keys = new ArrayList<>();
    for (Evaluation protocol : popularity) {
      if (protocol.negatives() == 0) {
        keys.add(PairedDifference.key(protocol, ""));
        protocol
            .groups()
            .forEach(
                (name, group) -> {
                  if (!group.isEmpty()) {
                    keys.add(PairedDifference.key(protocol, name));
                  }
                });
      }
    }
    MethodRuns first = methods.get(0);
    StringBuilder tables = new StringBuilder();
    for (String key : keys) {
      StringBuilder table = new StringBuilder();
      for (MethodRuns each : methods) {
        PairedDifference.of(each, first, key, DIFFERED)
            .ifPresent(
                found ->
                    row(
                        table,
                        each.name(),
                        List.of(
                            number(found.value()) + " ± " + number(found.error()),
                            each == first
                                ? ""
                                : String.format(
                                    Locale.ROOT,
                                    "%+.4f ± %.4f",
                                    found.difference(),
                                    found.differenceError()),
                            each == first
                                ? ""
                                : found.isTie()
                                    ? "tie"
                                    : found.difference() > 0 ? "ahead" : "behind")));
      }
      if (table.length() > 0) {
        tables.append("\n### ").append(key).append("\n\n");
        row(tables, "method", List.of(DIFFERED.toString(), "difference from " + first.name(), ""));
        row(tables, "---", Collections.nCopies(3, "---"));
        tables.append(table);
      }
    }
    if (tables.length() > 0) {
      text.append("\n## Paired differences on test\n\n")
          .append(
              "The value of an example is its mean over seeds; ± is the standard error over"
                  + " examples. A difference of up to two standard errors is a tie. The"
                  + " errors do not cover the variation between seeds.\n")
          .append(tables);
    }
  }

  /** Returns the table of the full ranking only, for printing. */
  String summary() {
    StringBuilder text = new StringBuilder();
    appendMetrics(text, metrics(popularity.get(0)), layout.values(popularity.get(0)));
    return text.toString();
  }

  private void appendMetrics(StringBuilder text, List<String> names, Map<String, Double> baseline) {
    appendColumns(text, names, baseline, name -> method -> method.test(name));
  }

  private void appendColumns(
      StringBuilder text,
      List<String> names,
      Map<String, Double> baseline,
      Function<String, Function<MethodRuns, MethodRuns.Summary>> column) {
    row(text, "method", names);
    row(text, "---", names.stream().map(name -> "---").toList());
    row(
        text,
        "popularity",
        names.stream().map(name -> number(baseline.getOrDefault(name, Double.NaN))).toList());
    for (MethodRuns each : methods) {
      List<String> cells = new ArrayList<>();
      for (String name : names) {
        MethodRuns.Summary own = column.apply(name).apply(each);
        double best =
            methods.stream()
                .mapToDouble(other -> column.apply(name).apply(other).mean())
                .filter(mean -> !Double.isNaN(mean))
                .max()
                .orElse(Double.NaN);
        String mean = number(own.mean());
        cells.add((own.mean() == best ? "**" + mean + "**" : mean) + spread(own));
      }
      row(text, each.name(), cells);
    }
  }

  private void appendCosts(StringBuilder text) {
    text.append("\n## Choice and cost\n\n");
    row(
        text,
        "method",
        List.of(
            "learning rate",
            "seeds",
            "validation " + metric,
            "best epochs",
            "trained parameters",
            "seconds an epoch",
            "ms for 1,000 users"));
    row(text, "---", Collections.nCopies(7, "---"));
    for (MethodRuns each : methods) {
      MethodRuns.Summary validation = each.validation(metric);
      row(
          text,
          each.name(),
          List.of(
              Numbers.plain(each.learningRate()) + (each.tried() > 1 ? " of " + each.tried() : ""),
              Integer.toString(each.runs().size()),
              number(validation.mean()) + spread(validation),
              String.join(
                  ", ",
                  each.runs().stream().map(run -> Integer.toString(run.bestEpoch())).toList()),
              String.format(Locale.ROOT, "%,d", each.runs().get(0).trainedParameters()),
              decimal(each.summary(Run::secondsPerEpoch).mean(), "%.2f"),
              decimal(each.summary(Run::inferenceMilliseconds).mean(), "%.0f")));
    }
  }

  private void appendMethods(StringBuilder text) {
    text.append("\n## Methods\n\n");
    for (MethodRuns each : methods) {
      Method method = each.method();
      text.append("- ").append(method.name());
      if (!method.name().equals(method.type())) {
        text.append(" (").append(method.type()).append(')');
      }
      text.append(": ").append(method.description());
      if (!method.settings().isEmpty()) {
        text.append("; ");
        text.append(
            String.join(
                ", ",
                method.settings().entrySet().stream()
                    .map(setting -> setting.getKey() + " = " + setting.getValue())
                    .toList()));
      }
      List<String> ends =
          each.runs().stream()
              .filter(run -> run.stop().equals("DIVERGED"))
              .map(run -> "seed " + run.seed() + " diverged")
              .toList();
      text.append(ends.isEmpty() ? "" : "; " + String.join(", ", ends)).append(".\n");
    }
    text.append("\n## Pictures\n\n");
    for (ComparisonCharts.Picture picture : layout.pictures()) {
      text.append("![").append(picture.title()).append("](").append(picture.file()).append(")\n");
    }
  }

  private static void row(StringBuilder text, String first, List<String> cells) {
    text.append("| ").append(first).append(" | ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String number(double value) {
    return decimal(value, "%.4f");
  }

  private static String spread(MethodRuns.Summary summary) {
    return Double.isNaN(summary.deviation()) ? "" : " ± " + number(summary.deviation());
  }

  private static String decimal(double value, String format) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
  }

  /**
   * Returns one row per method, with all digits. The names of group metrics start with the group.
   */
  String csv() {
    List<String> columns = new ArrayList<>();
    popularity.forEach(protocol -> columns.addAll(layout.values(protocol).keySet()));
    List<String> header =
        new ArrayList<>(
            List.of(
                "method",
                "model_type",
                "learning_rate",
                "seeds",
                "validation " + metric,
                "validation " + metric + " spread",
                "trained_parameters",
                "seconds_per_epoch",
                "inference_ms_per_1000_users"));
    columns.forEach(name -> header.addAll(List.of(name, name + " spread")));
    Set<String> groups = groups(popularity);
    for (String group : groups) {
      columns.forEach(
          name -> header.addAll(List.of(group + " " + name, group + " " + name + " spread")));
    }
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      writeRecords(csv, header, columns);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write CSV", e);
    }
    return text.toString();
  }

  private void writeRecords(CsvWriter csv, List<String> header, List<String> columns) {
    Set<String> groups = groups(popularity);
    csv.writeRecord(header);
    csv.writeRecord(baseline(columns, groups));
    for (MethodRuns each : methods) {
      MethodRuns.Summary validation = each.validation(metric);
      List<String> cells =
          new ArrayList<>(
              List.of(
                  each.name(),
                  each.method().type(),
                  Double.toString(each.learningRate()),
                  Integer.toString(each.runs().size()),
                  cell(validation.mean()),
                  cell(validation.deviation()),
                  Long.toString(each.runs().get(0).trainedParameters()),
                  cell(each.summary(Run::secondsPerEpoch).mean()),
                  cell(each.summary(Run::inferenceMilliseconds).mean())));
      columns.forEach(name -> add(cells, each.test(name)));
      for (String group : groups) {
        columns.forEach(name -> add(cells, each.group(group, name)));
      }
      csv.writeRecord(cells);
    }
  }

  private List<String> baseline(List<String> columns, Set<String> groups) {
    List<String> cells = new ArrayList<>(List.of("popularity", "", "", "", "", "", "0", "", ""));
    Map<String, Double> all = new LinkedHashMap<>();
    popularity.forEach(protocol -> all.putAll(layout.values(protocol)));
    columns.forEach(
        name -> add(cells, new MethodRuns.Summary(all.getOrDefault(name, Double.NaN), Double.NaN)));
    for (String group : groups) {
      Map<String, Double> own = new LinkedHashMap<>();
      popularity.forEach(protocol -> own.putAll(protocol.group(group).toMap()));
      columns.forEach(
          name ->
              add(cells, new MethodRuns.Summary(own.getOrDefault(name, Double.NaN), Double.NaN)));
    }
    return cells;
  }

  private static void add(List<String> cells, MethodRuns.Summary summary) {
    cells.add(cell(summary.mean()));
    cells.add(cell(summary.deviation()));
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }
}
