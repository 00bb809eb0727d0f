package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A project that chooses its backend itself and takes its versions from the BOM. */
class OwnBackendTest {

  @Test
  void decomposesAndScores() {
    LanguageEmbeddings text = rows(800, 512);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(64).nullDim(32).fit(text);
    SasRec model = SasRec.builder(FusedItemEmbedding.builder(projector, text).build()).build();

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

  @Test
  void resolvesOneVersionAndOnePlatform() throws IOException {
    assertEquals(Set.of("1.5.13"), versions("javacpp"));
    assertEquals(Set.of("0.3.31-1.5.13"), versions("openblas"));
    for (String artifact : List.of("javacpp-1.5.13", "openblas-0.3.31-1.5.13")) {
      List<String> jars = jars(artifact);
      assertEquals(2, jars.size(), () -> "the Java part and one platform's natives: " + jars);
    }
    assertEquals(2, jars("nd4j-native-1.0.0-M2.1").size());
  }

  private static Set<String> versions(String artifact) throws IOException {
    Set<String> versions = new TreeSet<>();
    ClassLoader loader = OwnBackendTest.class.getClassLoader();
    String path = "META-INF/maven/org.bytedeco/" + artifact + "/pom.properties";
    for (URL url : Collections.list(loader.getResources(path))) {
      Properties properties = new Properties();
      try (InputStream in = url.openStream()) {
        properties.load(in);
      }
      versions.add(properties.getProperty("version"));
    }
    return versions;
  }

  private static List<String> jars(String prefix) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(path -> new File(path).getName())
        .filter(name -> name.startsWith(prefix))
        .collect(Collectors.toList());
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
