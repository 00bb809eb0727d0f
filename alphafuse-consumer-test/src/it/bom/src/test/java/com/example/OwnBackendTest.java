package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A project that chooses its backend itself and takes its versions from the BOM. */
class OwnBackendTest {

  @Test
  void decomposesAndScores() {
    LanguageEmbeddings text = rows(800, 512);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(64).nullDim(32).fit(text);
    SasRec model = SasRec.builder(FusedItemEmbedding.builder(projector, text).build()).build();

    System.out.println(
        "d = 512: solver "
            + projector.solver()
            + ", residual "
            + projector.residual()
            + ", orthonormality error "
            + projector.orthonormalityError());
    assertEquals("openblas", projector.solver());
    assertTrue(projector.residual() < 1e-10, () -> "residual " + projector.residual());
    assertTrue(
        projector.orthonormalityError() < 1e-10,
        () -> "orthonormality error " + projector.orthonormalityError());
    try (var scorer = model.scorer()) {
      Tensor scores = scorer.score(new int[][] {{1, 2, 3}});
      assertEquals(800, scores.size());
      assertEquals(-1, scores.firstNonFinite());
    }
  }

  private static LanguageEmbeddings rows(int count, int dim) {
    Random random = new Random(1);
    float[][] rows = new float[count][dim];
    for (float[] row : rows) {
      for (int j = 0; j < dim; j++) {
        row[j] = (float) (random.nextGaussian() / Math.sqrt(j + 1.0));
      }
    }
    return LanguageEmbeddings.of(rows);
  }
}
