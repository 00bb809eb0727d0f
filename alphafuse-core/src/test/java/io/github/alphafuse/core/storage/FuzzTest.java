package io.github.alphafuse.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.fixture.Mutations;
import io.github.alphafuse.core.internal.npy.NpyArray;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no longer what was written give documented errors only. */
class FuzzTest {
  private static final int FILES = 300;

  @TempDir Path folder;

  @Test
  void projectors() throws IOException {
    Path file = Path.of("src/test/resources/formats/null-space-projector-v1.zip");
    Path fused = Path.of("src/test/resources/formats/fused-item-embedding-v1.zip");
    int files = Mutations.count(FILES);
    Map<String, Integer> first =
        new Mutations(11).loadAll(file, folder.resolve("changed"), files, NullSpaceProjector::load);
    Map<String, Integer> second =
        new Mutations(12)
            .loadAll(fused, folder.resolve("changed"), files, FusedItemEmbedding::load);
    assertThat(first.get("IllegalArgumentException")).isGreaterThan(files / 2);
    assertThat(second.get("IllegalArgumentException")).isGreaterThan(files / 2);
  }

  @Test
  void npyFiles() throws IOException {
    SplittableRandom random = new SplittableRandom(13);
    Mutations mutations = new Mutations(14);
    String[] types = {"<f4", "<f8", "<f2", "|V2", "<i4", "<i8"};
    Map<String, Integer> outcomes = new TreeMap<>();
    int files = Mutations.count(4 * FILES);
    Path file = folder.resolve("changed.npy");
    for (int i = 0; i < files; i++) {
      byte[] whole = npy(types[i % types.length], shape(random), random);
      byte[] bytes = random.nextInt(3) == 0 ? whole : mutations.damaged(whole);
      Files.write(file, bytes);
      outcomes.merge(
          Mutations.outcome(file, path -> LanguageEmbeddings.npy(path).toTensor()),
          1,
          Integer::sum);
      outcomes.merge(Mutations.outcome(file, NpyArray::read), 1, Integer::sum);
      outcomes.merge(
          Mutations.outcome(
              file, path -> NpyArray.read(new ByteArrayInputStream(bytes), "a stream")),
          1,
          Integer::sum);
    }
    assertThat(outcomes.get("loaded")).isPositive();
    assertThat(outcomes.get("IllegalArgumentException")).isGreaterThan(files);
  }

  private static String shape(SplittableRandom random) {
    String[] odd = {
      "300000000, 1",
      "0, 9223372036854775807",
      "2147483647, 2147483647, 0",
      "1, ".repeat(5000),
      "-1, 2",
      "99999999999999999999",
      ",",
      "",
      "1e3",
      "4294967296, 4294967296",
      "2, x",
      "L",
      "2147483647,",
      "1,,1"
    };
    return random.nextInt(2) == 0 ? "4, 3" : odd[random.nextInt(odd.length)];
  }

  private static byte[] npy(String type, String shape, SplittableRandom random) {
    String header =
        "{'descr': '"
            + type
            + "', 'fortran_order': "
            + (random.nextInt(4) == 0 ? "True" : "False")
            + ", 'shape': ("
            + shape
            + "), }\n";
    byte[] numbers = new byte[12 * Math.max(2, type.charAt(2) - '0')];
    byte[] bytes = new byte[10 + header.length() + numbers.length];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    bytes[8] = (byte) header.length();
    bytes[9] = (byte) (header.length() >> 8);
    System.arraycopy(header.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 10, header.length());
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 5_000, 1_000_000})
  void aDeepManifestIsRefused(int levels) throws IOException {
    byte[] json = ("[".repeat(levels) + "]".repeat(levels)).getBytes(StandardCharsets.UTF_8);
    Path file =
        Files.write(folder.resolve("deep"), Mutations.sealed(Map.of("manifest.json", json)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArchiveReader.open(file))
        .withMessage(file + ": manifest.json is malformed: it nests more than 64 levels deep");
  }

  @Test
  void namesAnArrayThatIsNotFinite() {
    Path file = folder.resolve("model");
    try (ArchiveWriter archive = ArchiveWriter.create(file, new ArchiveFormat("model", 1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> archive.array("weights", Tensor.of(new float[] {1, Float.NaN}, 2)))
          .withMessage("array weights must be finite, found NaN at place 1");
      archive.array("weights", Tensor.zeros(ElementType.FLOAT32, 3));
      archive.commit();
    }
    assertThat(file).exists();
  }
}
