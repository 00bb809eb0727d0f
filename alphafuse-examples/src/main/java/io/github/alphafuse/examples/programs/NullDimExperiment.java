package io.github.alphafuse.examples.programs;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.examples.data.GeneratedCatalogue;

/** An experiment on the size of the null space. It prints a table over dimensions and seeds. */
public final class NullDimExperiment {
  private NullDimExperiment() {}

  /**
   * Runs the program.
   *
   * @param args the maximum number of epochs; 5 if it is omitted
   */
  public static void main(String[] args) {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    GeneratedCatalogue catalogue =
        GeneratedCatalogue.builder().items(400).users(1200).dim(32).build();
    DatasetSplit split = catalogue.split();
    System.out.println("null_dim  seed  parameters  NDCG@20");
    for (int nullDim : new int[] {0, 8, 16, 32}) {
      for (long seed : new long[] {22, 23}) {
        SasRecPreset preset = Presets.recommended().embeddingDim(32).nullDim(nullDim);
        FusedItemEmbedding items = preset.items(catalogue.embeddings()).seed(seed).build();
        SasRec model = preset.builder(items).seed(seed).build();
        preset.trainer(model).epochs(epochs).seed(seed).fit(split);
        Evaluation test = Evaluator.fullRanking().evaluate(model, split.test());
        System.out.printf(
            "%8d  %4d  %10d  %7.4f%n", nullDim, seed, model.parameterCount(), test.ndcg(20));
      }
    }
  }
}
