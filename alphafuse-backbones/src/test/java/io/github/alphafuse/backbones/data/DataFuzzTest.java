package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Text files with random damage, which give data or a documented exception. The property {@code
 * alphafuse.fuzz} sets the number of files.
 */
class DataFuzzTest {
  private static final int FILES = Integer.getInteger("alphafuse.fuzz", 2000);
  private static final ItemVocabulary ITEMS = ItemVocabulary.of(List.of("a", "b", "c"));

  private static final List<String> TEXTS =
      List.of(
          "user_id,item_id,rating,timestamp\nu,a,4,1700000000\nu,\"b\",5,1700000001.5\nv,c,1,3\n",
          "user;item\nu;a\nv;\"b;\"\"\"\n",
          "user\titem\ttime\nu\ta\t2024-05-31T12:00:00Z\nu\tb\t2024-05-31 12:00:01.25\n",
          "user_id:token\titem_id_list:token_seq\titem_id:token\nu\ta b\tc\nv\t\ta\nu\ta b c\ta\n",
          "1::0::5::978300760\n1::2::3::978302109\n2::1::4::978301968\n",
          "{\"user\":\"u\",\"item\":\"a\",\"timestamp\":1}\n{\"user\":\"v\",\"item\":\"b\\u0041\",\"timestamp\":2}\n",
          "[{\"user\":\"u\",\"item\":\"a\",\"time\":1},\n {\"user\":\"v\",\"x\":[{}],\"item\":\"b\",\"time\":2}]\n",
          "u\ta b c\nv\tc, a\n",
          "0\ta\tAlpha\n1\tb\tBeta\n2\tc\tGamma\n",
          "a\nb\nc\n");

  /** Pieces that have a meaning in one of the formats. */
  private static final List<String> PIECES =
      List.of(
          "\"",
          "\t",
          ",",
          "::",
          ";",
          "\n",
          "\r\n",
          "\r",
          "{",
          "}",
          "[",
          "]",
          "\\u",
          "\\ud800",
          "\uFEFF",
          "\u0000",
          "-",
          "1e999",
          "1e-999999999",
          "NaN",
          "99999999999999999999",
          "2024-02-30",
          "timestamp",
          "item_id_list:token_seq",
          "null",
          " ",
          "\u00e9",
          "{\"a\":[[[[",
          "PK\u0003\u0004");

  private enum Outcome {
    READ,
    REJECTED,
    UNREADABLE
  }

  @TempDir Path folder;

  private final List<Function<Path, Object>> readers =
      List.of(
          file -> InteractionReader.builder().build().read(file),
          file ->
              InteractionReader.builder()
                  .vocabulary(ITEMS)
                  .unknownItems(UnknownItems.SKIP)
                  .malformedLines(MalformedLines.SKIP)
                  .minRating(2)
                  .build()
                  .read(file),
          file ->
              InteractionReader.builder()
                  .columns("user", "item", "time")
                  .fileOrder(true)
                  .build()
                  .read(List.of(file, file)),
          file -> SequenceReader.builder().userKeys(true).build().read(file),
          file ->
              SplitReader.builder(ITEMS).train(file).unknownItems(UnknownItems.SKIP).build().read(),
          ItemVocabulary::read,
          file -> new TitleReader(file, ReadingLimits.DEFAULT, 3).read());

  @Test
  void damagedFilesGiveDataOrADocumentedException(TestReporter reporter) throws IOException {
    SplittableRandom random = new SplittableRandom(20);
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    Path file = folder.resolve("x");
    for (int i = 0; i < FILES; i++) {
      byte[] text = TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.UTF_8);
      int packing = random.nextInt(6);
      byte[] bytes =
          switch (packing) {
            case 0 -> damaged(DataArchivesTest.gzip(text), random);
            case 1 -> damaged(DataArchivesTest.zip("data/x.csv", text), random);
            case 2 -> DataArchivesTest.zip("y.inter", DataArchivesTest.gzip(damaged(text, random)));
            default -> damaged(text, random);
          };
      Files.write(file, bytes);
      Function<Path, Object> reader = readers.get(random.nextInt(readers.size()));
      counts.merge(outcome(reader, file, i), 1, Integer::sum);
    }
    reporter.publishEntry("outcomes", counts.toString());
    assertThat(counts).as("each outcome occurs").containsOnlyKeys(Outcome.values());
  }

  private static Outcome outcome(Function<Path, Object> reader, Path file, int number)
      throws IOException {
    try {
      assertThat(reader.apply(file)).isNotNull();
      return Outcome.READ;
    } catch (IllegalArgumentException e) {
      assertThat(e.getClass()).isIn(IllegalArgumentException.class, MalformedLineException.class);
      return Outcome.REJECTED;
    } catch (UncheckedIOException e) {
      return Outcome.UNREADABLE;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          "file " + number + ": " + Arrays.toString(Files.readAllBytes(file)), e);
    }
  }

  /** Some bytes with up to four changes. */
  private static byte[] damaged(byte[] bytes, SplittableRandom random) {
    List<Byte> changed = new ArrayList<>();
    for (byte one : bytes) {
      changed.add(one);
    }
    for (int changes = random.nextInt(5); changes > 0 && !changed.isEmpty(); changes--) {
      int at = random.nextInt(changed.size());
      switch (random.nextInt(4)) {
        case 0 -> changed.set(at, (byte) random.nextInt(256));
        case 1 -> changed.subList(at, Math.min(changed.size(), at + 1 + random.nextInt(9))).clear();
        case 2 -> {
          String piece = PIECES.get(random.nextInt(PIECES.size()));
          int next = at;
          for (byte one : piece.getBytes(StandardCharsets.UTF_8)) {
            changed.add(next++, one);
          }
        }
        default -> changed.addAll(at, List.copyOf(changed.subList(at / 2, at)));
      }
    }
    byte[] result = new byte[changed.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = changed.get(i);
    }
    return result;
  }
}
