package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceReaderTest {
  private static final ItemVocabulary ROWS = ItemVocabulary.ofRows(50);
  private static final ItemVocabulary LETTERS = ItemVocabulary.of(List.of("a", "b", "c", "d"));
  private static final SequenceReader BY_ROW = SequenceReader.builder().vocabulary(ROWS).build();
  private static final SequenceReader KEYED =
      SequenceReader.builder().vocabulary(ROWS).userKeys(true).build();

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3 1 2\n7\n",
        "3 1 2\n7",
        "3 1 2\r\n7\r\n",
        "\uFEFF3 1 2\n7\n",
        "3,1,2\n7\n",
        "3, 1 , 2\n7\n",
        "3\t1\t2\n7\n",
        "  3  1 2 \n 7 \n",
        "3 1 2\n7\n\n \t\n"
      })
  void readsASequenceALine(String content) {
    SequenceDataset dataset = BY_ROW.read(files.write("train.txt", content));
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("1", 3, 1, 2), UserSequence.of("2", 7));
    assertThat(dataset.vocabulary()).isSameAs(ROWS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "u1\t3 1 2\nuser two\t7\n",
        "\uFEFFu1\t3 1 2\r\nuser two\t7\r\n\r\n",
        " u1 \t3,1,2\nuser two\t7",
        "u1\t3\t1\t2\nuser two\t 7 \n"
      })
  void readsUserKeys(String content) {
    assertThat(KEYED.read(files.write("sequences.tsv", content)).sequences())
        .containsExactly(UserSequence.of("u1", 3, 1, 2), UserSequence.of("user two", 7));
  }

  @Test
  void readsOwnIds() {
    Path file = files.write("train.txt", "c a b\nd d\n");
    assertThat(SequenceReader.builder().vocabulary(LETTERS).build().read(file).sequences())
        .containsExactly(UserSequence.of("1", 2, 0, 1), UserSequence.of("2", 3, 3));
  }

  @Test
  void numbersItemsByFirstAppearance() {
    Path file = files.write("train.txt", "c a é\na 10 c\n");
    SequenceDataset dataset = SequenceReader.builder().build().read(file);
    assertThat(dataset.vocabulary().ids()).containsExactly("c", "a", "é", "10");
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("1", 0, 1, 2), UserSequence.of("2", 1, 3, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsFilesLongerThanItsBuffer(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ItemVocabulary items = ItemVocabulary.ofRows(1_000_000);
    List<UserSequence> sequences = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int user = 0; user < 300; user++) {
      // A line may be longer than the buffer.
      int length = random.nextInt(40) == 0 ? 20_000 : random.nextInt(1, 400);
      int[] rows = random.ints(length, 0, 1_000_000).toArray();
      sequences.add(UserSequence.of("u" + user, rows));
      text.append('u').append(user).append('\t');
      text.append(Arrays.stream(rows).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
      text.append('\n');
    }
    Path file = files.write("sequences.tsv", text.toString());
    assertThat(
            SequenceReader.builder()
                .vocabulary(items)
                .userKeys(true)
                .build()
                .read(file)
                .sequences())
        .isEqualTo(sequences);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "50|item 50 is outside the catalogue of 50 items",
        "-1|item -1 is outside the catalogue of 50 items",
        "99999999999999999999|item 99999999999999999999 is outside the catalogue of 50 items",
        "4294967297|item 4294967297 is outside the catalogue of 50 items",
        "007|item 007 is outside the catalogue of 50 items",
        "x9|expected an item row from 0 to 49, found \"x9\"",
        "1.0|expected an item row from 0 to 49, found \"1.0\""
      })
  void rowsOutsideTheCatalogueAreNamed(String item, String problem) {
    Path file = files.write("train.txt", "1 2\n3 " + item + " 4\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage("train.txt line 2: " + problem);
  }

  @Test
  void unknownIdsAreNamed() {
    Path file = files.write("train.txt", "a b\r\nc\r\nd X\r\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SequenceReader.builder().vocabulary(LETTERS).build().read(file))
        .withMessage("train.txt line 3: item \"X\" is not one of the 4 items of the vocabulary");
  }

  @Test
  void unknownItemsMayBeSkippedAndAreCounted() {
    Path file = files.write("sequences.tsv", "u\ta X b\nv\tY\nw\tX Z c X\n");
    SequenceDataset dataset =
        SequenceReader.builder()
            .vocabulary(LETTERS)
            .userKeys(true)
            .unknownItems(UnknownItems.SKIP)
            .build()
            .read(file);
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("u", 0, 1), UserSequence.of("w", 2));
    ItemCoverage coverage = dataset.lastItems(1).coverage();
    assertThat(coverage.unknownCount()).isEqualTo(3);
    assertThat(coverage.unknownExamples()).containsExactly("X", "Y", "Z");
    assertThat(coverage.skippedInteractionCount()).isEqualTo(5);
    assertThat(coverage.skippedUserCount()).isEqualTo(1);
    assertThat(coverage.isComplete()).isFalse();
    assertThat(dataset.coverage())
        .hasToString(
            "1 of 4 items without interactions (e.g. d); 3 unknown items (e.g. X, Y, Z) in 5"
                + " skipped interactions, 1 users without a known item");
    // What was skipped is reported by the split, too.
    assertThat(LeaveOneOutSplit.create().split(dataset).coverage().unknownCount()).isEqualTo(3);
    assertThat(UserRatioSplit.create().split(dataset).coverage().unknownCount()).isEqualTo(3);
  }

  @Test
  void aFileOfUnknownItemsIsAnError() {
    Path file = files.write("train.txt", "50 51\n52\n");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SequenceReader.builder()
                    .vocabulary(ROWS)
                    .unknownItems(UnknownItems.SKIP)
                    .build()
                    .read(file))
        .withMessage(
            "train.txt: expected at least one item of the vocabulary of 50 items, found only"
                + " unknown ones (e.g. 50, 51, 52)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 2;;3|line 2: expected the items of a sequence, found a blank line",
        "1 2; ;;3|line 2: expected the items of a sequence, found a blank line",
        ";1 2|line 1: expected the items of a sequence, found a blank line",
        "1 2;3,,4|line 2: expected an item before every comma, found none",
        "1 2;3, ,4|line 2: expected an item before every comma, found none",
        "1 2;,3|line 2: expected an item before every comma, found none",
        "1 2;3,4,|line 2: expected an item after the last comma, found none"
      })
  void malformedLinesAreNamed(String content, String problem) {
    Path file = files.write("train.txt", content.replace(';', '\n') + "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage("train.txt " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "u>1;v 1 2|line 2: expected a user, a TAB and the user's items, found no TAB",
        "u>1;>1 2|line 2: expected a user before the first TAB, found none",
        "u>1;v>|line 2: expected at least 1 item for user \"v\", found none",
        "u>1;v>2;u>3|line 3: expected one line per user, found user \"u\" of line 1",
        "u>1;;v>2|line 2: expected a user, a TAB and the user's items, found a blank line"
      })
  void malformedLinesWithUserKeysAreNamed(String content, String problem) {
    Path file = files.write("s.tsv", content.replace(';', '\n').replace('>', '\t') + "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KEYED.read(file))
        .withMessage("s.tsv " + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n\r\n", "\uFEFF", "\uFEFF\n"})
  void emptyFilesAreNamed(String content) {
    Path file = files.write("train.txt", content);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage("train.txt: expected the items of a sequence, found an empty file");
  }

  @Test
  void textMustBeUtf8() {
    Path bad = files.write("train.txt", new byte[] {'a', '\n', 'b', (byte) 0xE9, '\n'});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SequenceReader.builder().build().read(bad))
        .withMessageStartingWith("train.txt line 2: expected UTF-8 text, found bytes");
    // The replacement character itself is text like any other.
    Path replacement = files.write("ok.txt", "a\uFFFD\n");
    assertThat(SequenceReader.builder().build().read(replacement).vocabulary().id(0))
        .isEqualTo("a\uFFFD");
  }

  @Test
  void missingFilesAreIoErrors() {
    assertThatThrownBy(() -> BY_ROW.read(folder.resolve("none.txt")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.txt");
    assertThatThrownBy(() -> BY_ROW.read(folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot read");
  }
}
