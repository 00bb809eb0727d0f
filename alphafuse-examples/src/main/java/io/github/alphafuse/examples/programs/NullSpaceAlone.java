package io.github.alphafuse.examples.programs;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.storage.NpyWriter;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.nio.file.Path;

/** Uses one building block: it projects embeddings for a model of another library. */
public final class NullSpaceAlone {
  private NullSpaceAlone() {}

  /**
   * Runs the program.
   *
   * @param args a .npy file of embeddings and a file to write Z to; without them, the program
   *     projects a generated catalogue
   */
  public static void main(String[] args) {
    LanguageEmbeddings text =
        args.length > 0
            ? LanguageEmbeddings.npy(Path.of(args[0]))
            : GeneratedCatalogue.builder().items(400).users(10).dim(32).build().embeddings();
    NullSpaceProjector projector = NullSpaceProjector.builder().energy(0.95).fit(text);
    System.out.println(projector);
    System.out.printf(
        "%d of %d directions are null; the other %d hold %.2f %% of the variance%n",
        projector.nullDim(),
        projector.languageDim(),
        projector.rowDim(),
        100 * projector.explainedVariance(projector.rowDim()));
    Tensor projected = projector.project(text);
    if (args.length > 1) {
      NpyWriter.write(Path.of(args[1]), projected);
      System.out.println("Z " + projected + " written to " + args[1]);
    }
  }
}
