package com.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project without ND4J: everything up to item rows works. */
class CoreOnlyTest {

  @Test
  void fusesInJava(@TempDir Path folder) {
    LanguageEmbeddings text = rows(600, 192);

    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(64).nullDim(32).fit(text);
    FusedItemEmbedding items = FusedItemEmbedding.builder(projector, text).build();
    Path file = folder.resolve("items.alphafuse");
    items.save(file);
    FusedItemEmbedding loaded = FusedItemEmbedding.load(file);

    assertEquals("java", projector.solver());
    assertTrue(projector.residual() < 1e-10, () -> "residual " + projector.residual());
    assertTrue(
        projector.orthonormalityError() < 1e-10,
        () -> "orthonormality error " + projector.orthonormalityError());
    assertEquals(600, loaded.itemCount());
    assertArrayEquals(items.table().floats(), loaded.table().floats());
  }

  /** What core brings along: ND4J, its natives and what they bring are not among it. */
  @Test
  void needsNoNd4j() {
    assertThrows(ClassNotFoundException.class, () -> Class.forName("org.nd4j.linalg.factory.Nd4j"));
    List<String> known =
        List.of(
            "alphafuse-core",
            "guava",
            "failureaccess",
            "listenablefuture",
            "ejml-",
            "gson",
            "slf4j-api",
            "error_prone_annotations",
            "jspecify",
            "j2objc-annotations",
            "checker-qual",
            "junit-",
            "opentest4j",
            "apiguardian",
            "surefire",
            "maven-",
            "common-");
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      assertTrue(
          !name.endsWith(".jar") || known.stream().anyMatch(name::startsWith),
          () -> "core brings " + name);
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
