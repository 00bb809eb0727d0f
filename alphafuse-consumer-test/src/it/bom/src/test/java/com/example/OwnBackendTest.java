package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.EpochReport;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.common.util.ArchiveUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.serde.base64.Nd4jBase64;

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
  void trainsAGraph() {
    int items = 100;
    SasRec model =
        SasRec.builder(IdItemEmbedding.builder(items, 16).build())
            .maxLength(4)
            .dropout(0)
            .engine(Engine.SAMEDIFF)
            .build();
    List<UserSequence> sequences = new ArrayList<>();
    for (int user = 0; user < 64; user++) {
      int first = 3 * user % items;
      sequences.add(
          UserSequence.of("user" + user, first, (first + 1) % items, (first + 2) % items));
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

  /** The libraries are other releases than those that ND4J was built with. */
  @Test
  void nd4jWorksWithTheManagedLibraries(@TempDir Path folder) throws IOException {
    INDArray array = Nd4j.createFromArray(new double[200]);
    Path archive = folder.resolve("archive.tar.gz");
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
      TarArchiveEntry entry = new TarArchiveEntry("one.txt");
      entry.setSize(3);
      out.putArchiveEntry(entry);
      out.write(new byte[] {'o', 'n', 'e'});
      out.closeArchiveEntry();
    }

    ArchiveUtils.unzipFileTo(archive.toString(), folder.toString());

    assertEquals("one", Files.readString(folder.resolve("one.txt")));
    assertEquals(array, Nd4jBase64.fromBase64(Nd4jBase64.base64String(array)));
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
