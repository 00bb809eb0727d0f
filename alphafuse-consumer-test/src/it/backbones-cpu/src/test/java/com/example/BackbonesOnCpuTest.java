package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.EpochReport;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A project that names two coordinates and manages nothing. */
class BackbonesOnCpuTest {

  @ParameterizedTest
  @ValueSource(ints = {512, 1536})
  void decomposesByTheRightBlas(int dim) {
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(dim).nullDim(dim / 4).fit(rows(dim + 500, dim));

    assertEquals("openblas", projector.solver());
    assertTrue(projector.residual() < 1e-10, () -> "residual " + projector.residual());
    assertTrue(
        projector.orthonormalityError() < 1e-10,
        () -> "orthonormality error " + projector.orthonormalityError());
  }

  @Test
  void trains() {
    int items = 200;
    LanguageEmbeddings text = rows(items, 64);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(32).nullDim(16).fit(text);
    SasRec model =
        SasRec.builder(FusedItemEmbedding.builder(projector, text).build())
            .maxLength(5)
            .dropout(0)
            .build();
    List<UserSequence> sequences = new ArrayList<>();
    for (int user = 0; user < 64; user++) {
      int first = 3 * user % items;
      sequences.add(
          UserSequence.of(
              "user" + user, first, (first + 1) % items, (first + 2) % items, (first + 3) % items));
    }

    TrainingReport report =
        Trainer.builder(model)
            .loss(InfoNce.withNegatives(16).temperature(0.07))
            .batchSize(32)
            .learningRate(5e-3)
            .epochs(8)
            .fit(Examples.of(ItemVocabulary.ofRows(items), sequences));

    List<Double> losses = report.epochs().stream().map(EpochReport::loss).toList();
    assertEquals(8, losses.size());
    assertTrue(losses.get(7) < 0.8 * losses.get(0), () -> "losses must fall, found " + losses);
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

  @Test
  void resolvesNoReleaseWithKnownHoles() {
    for (String jar :
        List.of(
            "commons-codec-1.23.0",
            "commons-compress-1.28.0",
            "commons-io-2.22.0",
            "commons-lang3-3.22.0",
            "commons-net-3.10.0",
            "threetenbp-1.7.5")) {
      String artifact = jar.substring(0, jar.lastIndexOf('-') + 1);
      assertEquals(List.of(jar + ".jar"), jars(artifact));
    }
  }

  private static Set<String> versions(String artifact) throws IOException {
    Set<String> versions = new TreeSet<>();
    ClassLoader loader = BackbonesOnCpuTest.class.getClassLoader();
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

  /** Rows whose variances decay as those of text embeddings do. */
  private static LanguageEmbeddings rows(int count, int dim) {
    Random random = new Random(dim);
    float[][] rows = new float[count][dim];
    for (float[] row : rows) {
      float previous = 0;
      for (int j = 0; j < dim; j++) {
        float x = (float) random.nextGaussian();
        row[j] = (float) ((x + 0.5 * previous) / Math.sqrt(j + 1.0));
        previous = x;
      }
    }
    return LanguageEmbeddings.of(rows);
  }
}
