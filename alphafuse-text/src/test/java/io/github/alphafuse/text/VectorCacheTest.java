package io.github.alphafuse.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of the cache, damaged in every way that a killed process or a bad disk may leave. */
class VectorCacheTest {
  private static final int HEADER_BYTES = 8 + 3 * 4 + "hash".length() + 4;
  private static final int ENTRY_BYTES = 32 + 4 * HashModel.WIDTH + 4;
  private static final List<String> TEXTS =
      IntStream.range(0, 40).mapToObj(i -> "text " + i).toList();

  @TempDir private Path folder;
  private Path cache;

  @BeforeEach
  void fill() {
    cache = folder.resolve("texts.cache");
    encode(new HashModel());
  }

  private void encode(HashModel model) {
    TextEncoderTest.assertRows(
        TextEncoder.builder(model).cache(cache).batchSize(8).build().encode(TEXTS), TEXTS);
  }

  @Test
  void isAsLongAsDocumented() throws IOException {
    assertThat(Files.size(cache)).isEqualTo(HEADER_BYTES + TEXTS.size() * ENTRY_BYTES);
  }

  @Test
  void goesOnWhereItWasCutOff() throws IOException {
    byte[] whole = Files.readAllBytes(cache);
    Random random = new Random(7);
    for (int round = 0; round < 60; round++) {
      int length = round < 30 ? round * 2 : random.nextInt(whole.length);
      Files.write(cache, Arrays.copyOf(whole, length));
      HashModel model = new HashModel();

      encode(model);

      int kept = Math.max(0, length - HEADER_BYTES) / ENTRY_BYTES;
      assertThat(model.asked()).isEqualTo(TEXTS.subList(kept, TEXTS.size()));
      assertThat(Files.readAllBytes(cache)).isEqualTo(whole);
    }
  }

  @Test
  void damagedEntriesAreEncodedAgainAndReplaced() throws IOException {
    byte[] whole = Files.readAllBytes(cache);
    Random random = new Random(8);
    for (int round = 0; round < 60; round++) {
      byte[] damaged = whole.clone();
      int at = HEADER_BYTES + random.nextInt(whole.length - HEADER_BYTES);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(cache, damaged);
      HashModel model = new HashModel();

      encode(model);

      assertThat(model.asked()).containsExactly(TEXTS.get((at - HEADER_BYTES) / ENTRY_BYTES));
      HashModel second = new HashModel();
      encode(second);
      assertThat(second.requests).isEmpty();
      assertThat(Files.size(cache)).isEqualTo(whole.length);
    }
  }

  @Test
  void aHoleOfZerosIsEncodedAgain() throws IOException {
    byte[] damaged = Files.readAllBytes(cache);
    Arrays.fill(
        damaged, HEADER_BYTES + 3 * ENTRY_BYTES + 5, HEADER_BYTES + 9 * ENTRY_BYTES, (byte) 0);
    Files.write(cache, damaged);
    HashModel model = new HashModel();

    encode(model);

    assertThat(model.asked()).isEqualTo(TEXTS.subList(3, 9));
  }

  @Test
  void aDamagedHeaderIsRefusedAndLeftAlone() throws IOException {
    byte[] whole = Files.readAllBytes(cache);
    for (int at = 0; at < HEADER_BYTES; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(cache, damaged);
      HashModel model = new HashModel();

      assertThatIllegalArgumentException()
          .as("byte %s", at)
          .isThrownBy(() -> encode(model))
          .withMessageContaining("texts.cache");
      assertThat(model.requests).isEmpty();
      assertThat(Files.readAllBytes(cache)).isEqualTo(damaged);
    }
  }

  @Test
  void anotherFileIsLeftAlone() throws IOException {
    Files.writeString(cache, "id,title\n");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> encode(new HashModel()))
        .withMessageEndingWith("is no cache of text vectors; it was left as it is");
    assertThat(cache).hasContent("id,title\n");
  }

  @Test
  void isUsedByOneEncoderAtATime() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), cache);
    try (VectorCache open = VectorCache.open(cache, "hash")) {
      assertThatIllegalStateException()
          .isThrownBy(() -> TextEncoder.builder(new HashModel()).cache(link).build().encode("a"))
          .withMessageEndingWith(
              "texts.cache is in use by another encoder; let it end, or give this one another"
                  + " file");
      // The refused one has not taken the lock away.
      assertThatIllegalStateException().isThrownBy(() -> VectorCache.open(cache, "hash"));
      assertThat(open.width()).hasValue(HashModel.WIDTH);
    }
    encode(new HashModel());
  }

  @Test
  void isRefusedBeforeAnythingIsAsked() {
    HashModel model = new HashModel();
    assertThatThrownBy(
            () ->
                TextEncoder.builder(model)
                    .cache(folder.resolve("none").resolve("texts.cache"))
                    .build()
                    .encode("a"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("no such file or folder");
    assertThat(model.requests).isEmpty();
  }

  @Test
  void textsThatAreNoValidUnicodeDiffer() {
    String first = "broken \ud800";
    String second = "broken \ud801";

    TextEncoder encoder = TextEncoder.builder(new HashModel()).cache(cache).build();
    encoder.encode(first, second);

    TextEncoderTest.assertRows(encoder.encode(second, first), List.of(second, first));
  }
}
