package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The output that several commands share. */
public final class Printout {
  private Printout() {}

  /** The cut-off of group metrics, if the evaluation has it. */
  private static final int GROUP_CUTOFF = 10;

  /**
   * Prints what was left out of the data, one line per reason.
   *
   * @param out the writer to print to
   * @param split the data
   */
  public static void printDropped(PrintWriter out, DatasetSplit split) {
    split.dropped().forEach(dropped -> out.println("Left out:   " + dropped));
    out.flush();
  }

  /**
   * Prints what a user of the data should know, one line per remark.
   *
   * @param out the writer to print to
   * @param remarks the remarks
   */
  public static void printRemarks(PrintWriter out, List<String> remarks) {
    remarks.forEach(remark -> out.println("Note:       " + remark));
    out.flush();
  }

  /**
   * Prints the metrics of a model next to those of popularity, one line per cut-off, and those of
   * groups.
   */
  static void printMetrics(PrintWriter out, Evaluation model, Evaluation popularity) {
    String protocol =
        model.negatives() == 0
            ? ranking(model)
            : model.protocol()
                + ", each target ranked against "
                + model.negatives()
                + " sampled items";
    out.printf(Locale.ROOT, "%nTest on %,d examples, %s:%n", model.size(), protocol);
    out.printf(Locale.ROOT, "%6s  %25s  %25s%n", "", "model", "popularity");
    out.printf(
        Locale.ROOT,
        "%6s  %8s %8s %7s  %8s %8s %7s%n",
        "k",
        "HR",
        "NDCG",
        "MRR",
        "HR",
        "NDCG",
        "MRR");
    for (int k : model.cutoffs()) {
      out.printf(
          Locale.ROOT,
          "%6d  %8.4f %8.4f %7.4f  %8.4f %8.4f %7.4f%n",
          k,
          model.hitRate(k),
          model.ndcg(k),
          model.mrr(k),
          popularity.hitRate(k),
          popularity.ndcg(k),
          popularity.mrr(k));
    }
    if (!model.groups().isEmpty()) {
      printGroups(out, model, popularity);
    }
    out.flush();
  }

  /** Describes which items a full ranking ranks. */
  static String ranking(Evaluation evaluation) {
    return evaluation.isUnseen() ? "all items ranked but those of the history" : "all items ranked";
  }

  private static void printGroups(PrintWriter out, Evaluation model, Evaluation popularity) {
    int k = model.cutoffs().contains(GROUP_CUTOFF) ? GROUP_CUTOFF : (int) model.cutoffs().first();
    out.printf(Locale.ROOT, "%nGroups at k = %d, %s:%n", k, model.protocol());
    out.printf(Locale.ROOT, "%18s %8s  %25s  %25s%n", "", "", "model", "popularity");
    out.printf(
        Locale.ROOT,
        "%18s %8s  %8s %8s %7s  %8s %8s %7s%n",
        "",
        "examples",
        "HR",
        "NDCG",
        "MRR",
        "HR",
        "NDCG",
        "MRR");
    model
        .groups()
        .forEach(
            (name, group) -> {
              out.printf(Locale.ROOT, "%18s %8d", name, group.size());
              printGroup(out, group, k);
              printGroup(out, popularity.group(name), k);
              out.println();
            });
  }

  private static void printGroup(PrintWriter out, Evaluation group, int k) {
    if (group.isEmpty()) {
      out.printf(Locale.ROOT, "  %8s %8s %7s", "-", "-", "-");
    } else {
      out.printf(Locale.ROOT, "  %8.4f %8.4f %7.4f", group.hitRate(k), group.ndcg(k), group.mrr(k));
    }
  }

  /**
   * Prints the metrics of rankings of unseen items, one line per cut-off and ranking.
   *
   * @param out the writer to print to
   * @param rankings the evaluations by the name of what ranked, at least one
   */
  public static void printRankings(PrintWriter out, Map<String, Evaluation> rankings) {
    Evaluation first = rankings.values().iterator().next();
    out.printf(Locale.ROOT, "%nTest on %,d users, all unseen items ranked:%n", first.size());
    out.printf(Locale.ROOT, "%6s  %-12s  %8s %8s %8s%n", "k", "", "Recall", "NDCG", "HR");
    for (int k : first.cutoffs()) {
      rankings.forEach(
          (name, ranking) ->
              out.printf(
                  Locale.ROOT,
                  "%6d  %-12s  %8.4f %8.4f %8.4f%n",
                  k,
                  name,
                  ranking.recall(k),
                  ranking.ndcg(k),
                  ranking.hitRate(k)));
    }
    out.flush();
  }

  /**
   * Prints the dimensions and the accuracy of a decomposition.
   *
   * @param out the writer to print to
   * @param projector the projector of the text
   */
  public static void printDecomposition(PrintWriter out, NullSpaceProjector projector) {
    double[] shares = projector.explainedVariance();
    out.printf(
        Locale.ROOT,
        "Null space: d_l = %d, d = %d, d_n = %d%s; row space holds %.1f %% of the variance, the d"
            + " kept directions %.1f %%%n",
        projector.languageDim(),
        projector.embeddingDim(),
        projector.nullDim(),
        projector.cover() ? " (cover)" : "",
        100 * Arrays.stream(shares, 0, projector.rowDim()).sum(),
        100 * Arrays.stream(shares, 0, projector.embeddingDim()).sum());
    out.printf(
        Locale.ROOT,
        "            eigenvectors by %s: residual %.1e, orthonormality error %.1e%n",
        projector.solver(),
        projector.residual(),
        projector.orthonormalityError());
    out.flush();
  }
}
