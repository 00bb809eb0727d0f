package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns, times and texts as files of other programs have them. */
class DataFormatsTest {
  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  /** Every user's items, as {@code user: id id, user: id}. */
  static String show(SequenceDataset dataset) {
    return dataset.sequences().stream()
        .map(
            sequence ->
                sequence.user()
                    + ": "
                    + IntStream.of(sequence.items())
                        .mapToObj(dataset.vocabulary()::id)
                        .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(", "));
  }

  private static String read(Path file) {
    return show(InteractionReader.builder().build().read(file));
  }

  private void assertRejected(InteractionReader.Builder reader, String content, String problem) {
    Path file = files.write("x.csv", content);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.build().read(file))
        .withMessageContaining(problem);
  }

  private void assertRejected(String content, String problem) {
    assertRejected(InteractionReader.builder(), content, problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // One line a user, and one item alone.
        "ann;lamp desk;chair~bo;desk chair rug;sofa~cy;;rug"
            + "|ann: lamp desk chair, bo: desk chair rug sofa, cy: rug",
        // Augmented data: each line continues the one before, from the shortest or the longest on.
        "u;a;b~u;a b;c~v;x;y~u;a b c;d|u: a b c d, v: x y",
        "u;a b c;d~u;a b;c~u;a;b|u: a b c d",
        // Histories of at most two items.
        "u;;a~u;a;b~u;a b;c~u;b c;d|u: a b c d",
        // Repeated items and lines.
        "u;a a;a~u;a a;a~u;a a a;b|u: a a a b"
      })
  void readsListsOfRecBole(String lines, String expected) {
    String table =
        "user_id:token\titem_id_list:token_seq\titem_id:token\ttimestamp:float\n"
            + lines.replace(";", "\t").replace("~", "\t5\n")
            + "\t5\n";
    SequenceDataset dataset =
        InteractionReader.builder().build().read(files.write("x.inter", table));
    assertThat(show(dataset)).isEqualTo(expected);
    assertThat(dataset.remarks()).isEmpty();
    String alone = "item_id:token_seq\tuser_id:token\na b\tu\na b c\tu\n";
    assertThat(read(files.write("y.inter", alone))).isEqualTo("u: a b c");
  }

  @Test
  void listsThatAreNotUnderstoodAreErrors() {
    String header = "user_id:token\titem_id_list:token_seq\titem_id:token\n";
    assertRejected(
        header + "u\ta b\tc\nu\tx y\tz\n",
        "x.csv line 3: expected a list that continues the items of user \"u\" of line 2");
    assertRejected(
        "user_id,item_id_list,item_id\nu,a b,c\n", "column item_id_list without; itemColumn");
    assertRejected(
        InteractionReader.builder().minRating(3),
        header.replace("\n", "\trating:float\n") + "u\ta\tb\t4\n",
        "minRating needs one interaction per line, found lists in column item_id_list:token_seq");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(files.write("x.json", "{\"user\":1,\"item\":2,\"item_list\":[1]}")))
        .withMessageContaining("item_list");
    // The last item alone is read where its column is named.
    Path file = files.write("x.inter", header + "u\ta b\tc\n");
    assertThat(show(InteractionReader.builder().itemColumn("item_id").build().read(file)))
        .isEqualTo("u: c");
    ItemVocabulary known = ItemVocabulary.of(List.of("a", "c"));
    InteractionReader.Builder strict = InteractionReader.builder().vocabulary(known);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> strict.build().read(file))
        .withMessageContaining("x.inter line 2: item \"b\"");
    SequenceDataset skipping = strict.unknownItems(UnknownItems.SKIP).build().read(file);
    assertThat(show(skipping)).isEqualTo("u: a c");
    assertThat(skipping.coverage().skippedInteractionCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\t", "::"})
  void quotationMarksAreTextUnlessCommasSeparate(String separator) {
    String table =
        "user;item;time;title\nann;a;1;\"A\" side\nann;\"b;2;12\" disc\nann;c;3;\"open\n"
            .replace(";", separator);
    assertThat(read(files.write("x.inter", table))).isEqualTo("ann: a \"b c");
    assertThat(read(files.write("x.csv", "user,item,time\nu,\"b,1\",1\nu,\"a\"\"\",2\n")))
        .isEqualTo("u: b,1 a\"");
  }

  @Test
  void whatTheFirstObjectLacksIsMalformed() {
    String log =
        "{\"user_id\":\"bo\",\"item_id\":\"z\"}\n"
            + "{\"user_id\":\"ann\",\"item_id\":\"a\",\"timestamp\":300}\n"
            + "{\"user_id\":\"ann\",\"item_id\":\"c\",\"timestamp\":100}\n";
    assertRejected(log, "x.csv line 1: expected a time in field timestamp, found none");
    SequenceDataset lenient =
        InteractionReader.builder()
            .malformedLines(MalformedLines.SKIP)
            .build()
            .read(files.write("x.json", log));
    assertThat(show(lenient)).isEqualTo("ann: c a");
    assertThat(lenient.dropped()).hasSize(1);
    // Times that begin behind the objects that decide are not passed over either.
    String late =
        "{\"user\":\"u\",\"item\":\"a\"}\n".repeat(150)
            + "{\"user\":\"u\",\"item\":\"b\",\"time\":1}\n";
    assertRejected(late, "x.csv line 151: expected no time, as in the objects before");
    String others = "{\"event\":\"start\"}\n".repeat(150) + log.substring(log.indexOf('\n') + 1);
    assertThat(
            show(
                InteractionReader.builder()
                    .malformedLines(MalformedLines.SKIP)
                    .build()
                    .read(files.write("y.json", others))))
        .isEqualTo("ann: c a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"user\":\"u\",\"item\":\"b\",\"time\":2},\n {\"user\":\"u\",\"item\":\"a\",\"time\":1}]",
        "\uFEFF\n [ {\n\"user\": \"u\", \"item\": \"b\",\n \"x\": [{}, \"]}\\\"\"], \"time\": 2}\n,\n"
            + "{\"time\": 1, \"item\": \"a\", \"user\": \"u\"} ]\n\n"
      })
  void readsAListOfObjects(String content) {
    assertThat(read(files.write("x.json", content))).isEqualTo("u: a b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{\"user\":1,\"item\":2}|line 2: expected one JSON list of objects, and here a comma or the"
            + " end of the list, found the end of the file",
        "[{\"user\":1,\"item\":2},]|a JSON object in the list, found \"]\"",
        "[[1,2]]|a JSON object in the list, found \"[\"",
        "[{\"user\":1,\"item\":2}] x|nothing after the list, found \"x\"",
        "[{\"user\":1,\"item\":\"2|the end of the object of line 1, found the end of the file",
        "[{\"user\":1,\"item\":2,}]|line 1: expected one JSON object, found {\"user\":1",
        "[{\"user\":1,\"item\":2,]}]|a comma or the end of the list, found \"}\"",
        "[]|expected one interaction per line, found an empty file"
      })
  void listsThatAreBrokenAreErrors(String content, String problem) {
    assertRejected(content + "\n", problem);
  }

  @Test
  void deepNestingIsNoRecursion() {
    String deep = "[".repeat(200_000);
    assertRejected("[{\"user\":1,\"item\":2,\"x\":" + deep, "the end of the object of line 1");
    String object = "{\"user\":1,\"item\":2,\"x\":" + deep + "]".repeat(200_000) + "}";
    assertRejected("[" + object + "]", "line 1: expected one JSON object, found {\"user\":1");
    assertRejected(object, "line 1: expected one JSON object, found {\"user\":1");
  }

  @Test
  void tablesWithoutUsualNames() {
    Path sessions = files.write("s.csv", "SessionId;ItemId;Time\n7;b;2.5\n7;a;1.5\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(sessions))
        .withMessageEndingWith(
            "found the columns SessionId, ItemId, Time; if it has another name, set userColumn");
    assertThat(show(InteractionReader.builder().userColumn("SessionId").build().read(sessions)))
        .isEqualTo("7: a b");
    Path ratings = files.write("r.csv", "B3,U0,4.0,1400000000\nB4,U0,5.0,1300000000\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(ratings))
        .withMessageEndingWith(
            "found the columns B3, U0, 4.0, 1400000000; if it has another name, set userColumn; if"
                + " the first line is an interaction, name all columns by columns(...)");
    InteractionReader.Builder named =
        InteractionReader.builder().columns("item", "user", "rating", "time");
    assertThat(show(named.build().read(ratings))).isEqualTo("U0: B4 B3");
    DataFolder data =
        DataFolder.builder(folder)
            .itemCount(9)
            .interactions("r.csv")
            .columns("what", "who", "stars", "at")
            .userColumn("who")
            .itemColumn("what")
            .ratingColumn("stars")
            .timeColumn("at")
            .minRating(5)
            .unknownItems(UnknownItems.SKIP)
            .open();
    assertThatIllegalArgumentException()
        .isThrownBy(data::sequences)
        .withMessageContaining("found only unknown ones (e.g. B4)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1700000000123456791 1700000000123456790 1700000000123456789",
        "99999999999999999999999999992 99999999999999999999999999991 -99999999999999999999999999991",
        "1400000000.3 1400000000.2 1400000000.1",
        "1400000000.1230000001 1400000000.123 1400000000.1229999999",
        "2026-03-05T09:00:00.000000002Z 2026-03-05T09:00:00.000000001Z 2026-03-05T09:00:00Z",
        "2026-03-05T09:00+02:00 2026-03-05T06:59:59Z 2026-03-05T09:29+0300",
        "2026-03-05T09:00:00+02 2026-03-05~06:59:59.5~UTC 2026-03-05~06:59:59",
        "2026-03-05~00:00:01~+00:00 2026-03-05 2026-03-04~23:59:59",
        "2e9 1.5e9 1e9"
      })
  void comparesTimesExactly(String newestFirst) {
    StringBuilder table = new StringBuilder("user,item,time\n");
    int number = 3;
    for (String time : newestFirst.split(" ")) {
      table.append("u,").append(number--).append(',').append(time.replace('~', ' ')).append('\n');
    }
    table.append("u,4,").append(newestFirst.split(" ")[0].replace('~', ' ')).append('\n');
    assertThat(read(files.write("x.csv", table.toString()))).isEqualTo("u: 1 2 3 4");
  }

  @Test
  void timeStampsAreSecondsFrom1970On() {
    Path file = files.write("x.csv", "user,item,time\nu,1,1970-01-02 00:00:00.5\n");
    SequenceDataset dataset = InteractionReader.builder().build().read(file);
    assertThat(dataset.sequences().get(0).time(0)).isEqualTo(86400.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|2026-01-01|line 3: expected a time in column time that is a number, found \"2026-01-01\"",
        "2026-01-01|1|line 3: expected a time in column time that is a time stamp such as"
            + " 2024-05-31T12:00:00Z, found \"1\"",
        "soon|1|line 2: expected a time in column time that is a number or a time stamp such as"
            + " 2024-05-31T12:00:00Z, found \"soon\"",
        "2026-02-30|1|found \"2026-02-30\"",
        "2026-01-01T25:00|1|found \"2026-01-01T25:00\"",
        "1234567890123456789012345678901|1|found \"1234567890123456789012345678901\"",
        "1e-999999999|1|found \"1e-999999999\"",
        "1e999999999|1|found \"1e999999999\"",
        "Infinity|1|found \"Infinity\""
      })
  void aColumnHasTimesOfOneKind(String first, String second, String problem) {
    assertRejected("user,item,time\nu,1," + first + "\nu,2," + second + "\n", problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user,item,event,ordered_at\nu,b,x,2026-03-05T09:00:00Z\nu,a,x,2026-02-01 08:00:00\n",
        "user,item,event,ordered_at\nu,b,x,\nu,a,x,17\n",
        "user,item,bought\nu,b,1700000001\nu,a,1700000000\n",
        "user,item,bought\nu,b,2026-03-05\nu,a,\n",
        "user\titem\teventTime\nu\tb\t3\n",
        "{\"user\":1,\"item\":2,\"bought\":1700000001000}\n",
        "[{\"user\":1,\"item\":2,\"review_date\":\"03 1, 2013\"}]\n",
      })
  void timesUnderAnotherNameAreNotPassedOver(String content) {
    String name =
        List.of("ordered_at", "bought", "eventTime", "review_date").stream()
            .filter(content::contains)
            .findFirst()
            .orElseThrow();
    assertRejected(
        content,
        "found "
            + name
            + ", which looks like times; name it by timeColumn, or set fileOrder if the lines are in"
            + " the order of time");
    SequenceDataset inOrder =
        InteractionReader.builder().fileOrder(true).build().read(folder.resolve("x.csv"));
    assertThat(inOrder.interactionCount()).isPositive();
    assertThat(inOrder.remarks()).isEmpty();
    assertThat(inOrder.sequences().get(0).hasTimes()).isFalse();
    if (content.contains("2026-02-01 08")) {
      assertThat(
              show(
                  InteractionReader.builder()
                      .timeColumn(name)
                      .build()
                      .read(folder.resolve("x.csv"))))
          .isEqualTo("u: a b");
    }
  }

  @Test
  void theOrderOfTheFileIsSaid() {
    Path file = files.write("x.csv", "user,item,rating,price,order\nu,b,4,9.5,1\nu,a,5,1,2\n");
    SequenceDataset dataset = InteractionReader.builder().build().read(file);
    assertThat(show(dataset)).isEqualTo("u: b a");
    assertThat(dataset.remarks())
        .containsExactly(
            "x.csv has no column of times: interactions are taken in the order of the lines");
    assertThat(dataset.distinct().kCore(1).lastItems(2).remarks()).hasSize(1);
    assertThat(LeaveOneOutSplit.create().split(dataset).lastItems(1).remarks()).hasSize(1);
    Path timed = files.write("y.csv", "user,item,time\nu,b,2\nu,a,1\n");
    assertThat(InteractionReader.builder().build().read(timed).remarks()).isEmpty();
    InteractionReader.Builder inOrder = InteractionReader.builder().fileOrder(true);
    assertThat(show(inOrder.build().read(timed))).isEqualTo("u: b a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> inOrder.timeColumn("time"))
        .withMessageContaining("timeColumn has no effect beside fileOrder");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().timeColumn("time").fileOrder(true))
        .withMessageContaining("fileOrder has no effect beside timeColumn");
    files.write("sequences.tsv", "u\t1 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DataFolder.builder(folder).itemCount(3).fileOrder(true).open().sequences())
        .withMessageStartingWith("fileOrder needs a file of interactions, found whole sequences");
  }

  @Test
  void textThatCannotBeSavedIsMalformed() {
    assertRejected(
        "{\"user\":\"u\",\"item\":\"a\\ud800\"}\n{\"user\":\"u\",\"item\":\"b\"}\n",
        "x.csv line 1: expected text without halves of surrogate pairs, found {\"user\":\"u\",");
    assertRejected(
        "{\"user\":\"u\\udc00\\ud800\",\"item\":\"b\"}\n",
        "x.csv line 1: expected text without halves of surrogate pairs, found");
    assertRejected(
        "user,item\n\"u\nu\",a\n",
        "x.csv line 2: expected a user without line breaks and halves of surrogate pairs, found"
            + " \"u\\nu\"");
    assertThat(read(files.write("z.json", "{\"user\":1,\"item\":2,\"text\":\"\\ud800\"}")))
        .isEqualTo("1: 2");
    assertRejected("user,item\nu,\"a\nb\"\n", "x.csv line 2: expected an item without line breaks");
    String pair = "{\"user\":\"u\",\"item\":\"\\ud83d\\ude00\"}\n{\"user\":\"\\ud800\",\"item\":1}";
    SequenceDataset lenient =
        InteractionReader.builder()
            .malformedLines(MalformedLines.SKIP)
            .build()
            .read(files.write("x.json", pair));
    assertThat(lenient.vocabulary().ids()).containsExactly("\ud83d\ude00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.of(List.of("a", "b\udfff")))
        .withMessageContaining("row 1: expected an item id without a line break, half of a");
  }

  @Test
  void idsCountedFromOneAreRemarkedOn() {
    ItemVocabulary rows = ItemVocabulary.ofRows(20);
    int[] fromOne = IntStream.range(1, 20).toArray();
    SequenceDataset shifted = SequenceDataset.of(rows, List.of(UserSequence.of("u", fromOne)));
    assertThat(shifted.coverage().remarks())
        .singleElement()
        .asString()
        .contains("ids look as if counted from 1");
    assertThat(LeaveOneOutSplit.create().split(shifted).coverage().remarks()).hasSize(1);
    assertThat(InteractionSplit.byOrder(shifted).coverage().remarks()).hasSize(1);
    int[] few = IntStream.range(1, 17).toArray();
    assertThat(SequenceDataset.of(rows, List.of(UserSequence.of("u", few))).coverage().remarks())
        .isEmpty();
    int[] all = IntStream.range(0, 20).toArray();
    assertThat(SequenceDataset.of(rows, List.of(UserSequence.of("u", all))).coverage().remarks())
        .isEmpty();
  }
}
