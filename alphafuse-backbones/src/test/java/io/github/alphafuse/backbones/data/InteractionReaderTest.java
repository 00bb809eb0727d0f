package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InteractionReaderTest {
  private static final ItemVocabulary ROWS = ItemVocabulary.ofRows(10);
  private static final ItemVocabulary LETTERS = ItemVocabulary.of(List.of("a", "b", "c", "d"));
  private static final InteractionReader BY_ROW =
      InteractionReader.builder().vocabulary(ROWS).build();

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user_id,item_id,timestamp\nu,3,20\nv,7,5\nu,1,10\nu,2,30\n",
        "user,item,time\r\nu,3,20\r\nv,7,5\r\nu,1,10\r\nu,2,30\r\n\r\n",
        "user_id:token\titem_id:token\ttimestamp:float\nu\t3\t20\nv\t7\t5\nu\t1\t10\nu\t2\t30",
        "\uFEFFuser_id,item_id,timestamp\nu,3,2e1\nv,7,5.0\nu,1,10.5\nu,2,30\n",
        "userId,movieId,rating,timestamp\nu,3,4.5,20\nv,7,,5\nu,1,1,10\nu,2,2,30\n",
        "time;item;user\n20;3;u\n5;7;v\n10;1;u\n30;2;u\n",
        "\"user_id\",\"item_id\",\"timestamp\"\n\"u\",\"3\",\"20\"\nv,7,5\nu,1,10\nu,2,30\n",
        "rating,parent_asin,asin,user_id,timestamp\n"
            + "1,3,x,u,20\n1,7,x,v,5\n1,1,x,u,10\n1,2,x,u,30\n",
        "user_id , item_id , timestamp\nu , 3 , 20\nv, 7, 5\nu,1,10\nu,2, 30 \n"
      })
  void sortsEachUserByTime(String content) {
    SequenceDataset dataset = BY_ROW.read(files.write("x.inter", content));
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("u", 1, 3, 2), UserSequence.of("v", 7));
  }

  @Test
  void tiesKeepFileOrder() {
    Path file =
        files.write(
            "x.csv", "user,item,time\nu,5,2\nu,4,1\nu,3,2\nu,2,1\nu,1,2\nu,0,-0.0\nu,9,0\n");
    assertThat(BY_ROW.read(file).sequences())
        .containsExactly(UserSequence.of("u", 0, 9, 4, 2, 5, 3, 1));
  }

  @Test
  void withoutTimesTheFileOrderIsKept() {
    Path file = files.write("x.csv", "user,item,rating\nu,5,1\nv,1,1\nu,4,9\nu,6,2\n");
    assertThat(BY_ROW.read(file).sequences())
        .containsExactly(UserSequence.of("u", 5, 4, 6), UserSequence.of("v", 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void sortsLikeAStableSort(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    record Interaction(int user, int item, int time) {}
    List<Interaction> interactions = new ArrayList<>();
    StringBuilder text = new StringBuilder("user_id\titem_id\ttimestamp\n");
    for (int i = 0; i < 2000; i++) {
      Interaction interaction =
          new Interaction(random.nextInt(20), random.nextInt(10), random.nextInt(-30, 30));
      interactions.add(interaction);
      text.append("u").append(interaction.user).append('\t').append(interaction.item);
      text.append('\t').append(interaction.time).append('\n');
    }
    SequenceDataset dataset = BY_ROW.read(files.write("x.inter", text.toString()));
    assertThat(dataset.interactionCount()).isEqualTo(2000);
    assertThat(dataset.sequences().stream().map(UserSequence::user))
        .isEqualTo(interactions.stream().map(one -> "u" + one.user).distinct().toList());
    for (UserSequence sequence : dataset.sequences()) {
      assertThat(sequence.items())
          .isEqualTo(
              interactions.stream()
                  .filter(one -> sequence.user().equals("u" + one.user))
                  .sorted(Comparator.comparingInt(Interaction::time))
                  .mapToInt(Interaction::item)
                  .toArray());
    }
  }

  @Test
  void numbersItemsByFirstAppearanceInTheFile() {
    Path file = files.write("x.csv", "user,item,time\nu,B2,2\nu,\"A,1\",1\nv,B2,1\n");
    SequenceDataset dataset = InteractionReader.builder().build().read(file);
    assertThat(dataset.vocabulary().ids()).containsExactly("B2", "A,1");
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("u", 1, 0), UserSequence.of("v", 0));
  }

  @Test
  void columnsCanBeNamed() {
    Path file =
        files.write(
            "x.csv", "user_id,uid:token,what,item_id,when,time\nz,u,3,0,2,1\nz,u,4,0,1,2\n");
    InteractionReader reader =
        InteractionReader.builder()
            .vocabulary(ROWS)
            .userColumn("uid")
            .itemColumn("What:token")
            .timeColumn("when")
            .build();
    assertThat(reader.read(file).sequences()).containsExactly(UserSequence.of("u", 4, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"u::3::5::20\nu::1::4::10\n", "u\t3\t5\t20\nu\t1\t4\t10\n"})
  void filesWithoutNamesOfColumns(String content) {
    InteractionReader reader =
        InteractionReader.builder()
            .vocabulary(ROWS)
            .columns("user_id", "item_id", "rating", "timestamp")
            .build();
    Path file = files.write("ratings.dat", content);
    assertThat(reader.read(file).sequences()).containsExactly(UserSequence.of("u", 1, 3));
    Path empty = files.write("empty.dat", "");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.read(empty))
        .withMessage("empty.dat: expected one interaction per line, found an empty file");
    Path blank = files.write("blank.dat", "\n" + content);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.read(blank))
        .withMessage("blank.dat line 1: expected an interaction, found a blank line");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> InteractionReader.builder().columns("user_id", "thing").build().read(file))
        .withMessage(
            "ratings.dat: expected a column named item_id or item or movie_id or parent_asin or"
                + " asin or product_id, found the columns user_id, thing; if it has another name, set"
                + " itemColumn");
  }

  @Test
  void missingColumnsAreNamed() {
    Path file = files.write("x.csv", "user_id,thing,when\nu,1,2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage(
            "x.csv line 1: expected a column named item_id or item or movie_id or parent_asin or"
                + " asin or product_id, found the columns user_id, thing, when; if it has another"
                + " name, set itemColumn");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                InteractionReader.builder().itemColumn("thing").timeColumn("at").build().read(file))
        .withMessage(
            "x.csv line 1: expected a column named at, found the columns user_id, thing, when");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "u,1|line 3: expected 3 fields (user, item, time), found 2",
        "u,1,2,3|line 3: expected 3 fields (user, item, time), found 4",
        ",1,2|line 3: expected a user in column user, found none",
        "u, ,2|line 3: expected an item in column item, found none",
        "u,1,|line 3: expected a time in column time, found none",
        "u,1,soon|line 3: expected a time in column time that is a number, found \"soon\"",
        "u,1,NaN|line 3: expected a time in column time that is a number, found \"NaN\"",
        "u,1,1e999|line 3: expected a time in column time that is a number, found \"1e999\"",
        "u,10,2|line 3: item 10 is outside the catalogue of 10 items",
        "u,x,2|line 3: expected an item row from 0 to 9, found \"x\"",
        "' ;u,1,2'|line 3: expected an interaction, found a blank line"
      })
  void malformedLinesAreNamed(String line, String problem) {
    Path file = files.write("x.csv", "user,item,time\nu,1,1\n" + line.replace(';', '\n') + "\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage("x.csv " + problem);
  }

  @Test
  void lineNumbersCountLinesInsideQuotes() {
    Path file = files.write("x.csv", "user,item,note\nu,1,\"n\nn\"\nv,99,\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(file))
        .withMessage("x.csv line 4: item 99 is outside the catalogue of 10 items");
  }

  @Test
  void emptyFilesAreNamed() {
    for (String content : List.of("", "\uFEFF", "\n\n")) {
      Path empty = files.write("x.csv", content);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> BY_ROW.read(empty))
          .withMessage("x.csv: expected one interaction per line, found an empty file");
    }
    Path headerOnly = files.write("x.csv", "user,item,time\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(headerOnly))
        .withMessage(
            "x.csv: expected one interaction per line, found only the names of the columns");
    Path blankFirst = files.write("x.csv", "\nuser,item,time\nu,1,1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(blankFirst))
        .withMessage("x.csv line 1: expected the names of the columns, found a blank line");
  }

  @Test
  void unknownIdsAreRejectedOrSkipped() {
    Path file = files.write("x.csv", "user,item,time\nu,X,1\nu,b,3\nv,Y,1\nu,a,2\nv,X,9\nw,d,1\n");
    InteractionReader.Builder builder = InteractionReader.builder().vocabulary(LETTERS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build().read(file))
        .withMessage("x.csv line 2: item \"X\" is not one of the 4 items of the vocabulary");
    SequenceDataset dataset = builder.unknownItems(UnknownItems.SKIP).build().read(file);
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("u", 0, 1), UserSequence.of("w", 3));
    assertThat(dataset.coverage())
        .hasToString(
            "1 of 4 items without interactions (e.g. c); 2 unknown items (e.g. X, Y) in 3 skipped"
                + " interactions, 1 users without a known item");
    Path none = files.write("none.csv", "user,item\nu,Q\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build().read(none))
        .withMessage(
            "none.csv: expected at least one item of the vocabulary of 4 items, found only unknown"
                + " ones (e.g. Q)");
  }

  @Test
  void textMustBeUtf8() {
    Path bad = files.write("x.csv", "user,item\nu,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().build().read(bad))
        .withMessageStartingWith(
            "x.csv: expected UTF-8 text, found bytes that are not, after line");
  }

  @Test
  void brokenQuotesNameTheFile() {
    Path bad = files.write("x.csv", "user,item\nu,\"1\"2\nv,1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BY_ROW.read(bad))
        .withMessageContaining("x.csv")
        .withMessageContaining("line");
  }

  @Test
  void missingFilesAreIoErrors() {
    assertThatThrownBy(() -> BY_ROW.read(folder.resolve("none.csv")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.csv");
  }

  @Test
  void badOptionsAreNamed() {
    InteractionReader.Builder builder = InteractionReader.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.userColumn(" "))
        .withMessage("userColumn must be a name that is not blank, found \" \"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.itemColumn(":token"))
        .withMessage("itemColumn must be a name that is not blank, found \":token\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeColumn(""))
        .withMessage("timeColumn must be a name that is not blank, found \"\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.columns("user", ""))
        .withMessage("columns must be a name that is not blank, found \"\"");
    assertThatIllegalArgumentException()
        .isThrownBy(builder::columns)
        .withMessage("columns must name at least one column, found none");
  }
}
