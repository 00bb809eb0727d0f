package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A project that forgot the backend. */
class NoBackendTest {

  @Test
  void isToldWhichOneToTake(@TempDir Path folder) {
    LanguageEmbeddings text =
        LanguageEmbeddings.of(
            new double[][] {{1, 2, 3, 4}, {3, 1, 2, 5}, {2, 3, 1, 1}, {1, 1, 2, 3}, {4, 2, 5, 1}});
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(4).nullDim(2).fit(text);
    SasRec model = SasRec.builder(FusedItemEmbedding.builder(projector, text).build()).build();

    // A model needs a backend to compute only: it is built, saved and loaded without one.
    Path file = folder.resolve("model.alphafuse");
    model.save(file);
    assertEquals(model.parameters().keySet(), SasRec.load(file).parameters().keySet());

    for (int attempt = 0; attempt < 2; attempt++) {
      for (Executable use :
          new Executable[] {() -> model.objective(InfoNce.withNegatives(2)), model::scorer}) {
        IllegalStateException refused = assertThrows(IllegalStateException.class, use);
        assertTrue(
            refused.getMessage().startsWith("no ND4J backend on the classpath"),
            refused::getMessage);
        assertTrue(
            refused.getMessage().contains("io.github.alphafuse:alphafuse-cpu"),
            refused::getMessage);
      }
    }
  }
}
