package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataFolderTest {
  @TempDir Path parent;
  private Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() throws IOException {
    folder = Files.createDirectory(parent.resolve("games"));
    files = new TemporaryFiles(folder);
  }

  private void writeSplit() {
    files.write("train.txt", "1 2 3\n0 1\n");
    files.write("valid.txt", "2 3\n");
    files.write("test.txt", "3 0\n");
  }

  @Test
  void readsTheGivenSplit() {
    writeSplit();
    DataFolder data = DataFolder.builder(folder).itemCount(4).open();
    assertThat(data.hasSplitFiles()).isTrue();
    assertThat(data.hasSequences()).isFalse();
    assertThat(data.vocabulary()).isEqualTo(ItemVocabulary.ofRows(4));
    assertThat(data.itemCount()).isEqualTo(4);
    assertThat(data.titles()).isEmpty();
    DatasetSplit split = data.split();
    assertThat(split.train().size()).isEqualTo(2);
    assertThat(split.validation().target(0)).isEqualTo(3);
    assertThat(split.test().history(0)).containsExactly(3);
    assertThat(data).hasToString("DataFolder[" + folder + ", 4 items]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> data.split(LeaveOneOutSplit.create()))
        .withMessage(
            "expected whole sequences in sequences.tsv, or a file of interactions (.inter, .csv,"
                + " ratings.dat, u.data, .jsonl, .json or .zip) in %s, found only train.txt, valid.txt,"
                + " test.txt",
            folder);
  }

  @Test
  void splitsWholeSequencesByAStrategy() {
    writeSplit();
    files.write("sequences.tsv", "u\t0 1 2 3\n");
    DataFolder data = DataFolder.builder(folder).itemCount(4).open();
    assertThat(data.hasSplitFiles()).isTrue();
    assertThat(data.hasSequences()).isTrue();
    assertThat(data.split().test().size()).isEqualTo(1);
    DatasetSplit split = data.split(LeaveOneOutSplit.create());
    assertThat(split.test().user(0)).isEqualTo("u");
    assertThat(split.test().history(0)).containsExactly(0, 1, 2);
  }

  @ParameterizedTest
  @CsvSource({
    "sequences.tsv a.inter b.csv, sequences.tsv",
    "a.inter b.csv, a.inter",
    "a.inter games.inter, games.inter",
    "b.csv, b.csv",
    "b.csv games.csv, games.csv"
  })
  void picksTheFileOfSequences(String names, String picked) {
    for (String name : names.split(" ")) {
      files.write(
          name,
          name.equals("sequences.tsv")
              ? name + "\t1 2\n"
              : "user,item\n" + name + ",1\n" + name + ",2\n");
    }
    DataFolder data = DataFolder.builder(folder).itemCount(4).open();
    assertThat(data.hasSplitFiles()).isFalse();
    assertThat(data.sequences().sequences()).containsExactly(UserSequence.of(picked, 1, 2));
    assertThat(data.split())
        .hasToString(UserRatioSplit.create().split(data.sequences()).toString());
  }

  @Test
  void takesTheItemsOfItsText() {
    files.write("train.txt", "a b c\n");
    files.write("valid.txt", "b c\n");
    files.write("test.txt", "c a\n");
    files.write("item_ids.txt", "a\nb\nc\n");
    LanguageEmbeddings text = LanguageEmbeddings.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});
    DataFolder data = DataFolder.open(folder).withText(text.withIds(List.of("a", "b", "c")));
    assertThat(data.vocabulary().ids()).containsExactly("a", "b", "c");
    assertThat(data.split().vocabulary()).isEqualTo(data.vocabulary());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.open(folder).withText(text.withIds(List.of("a", "c", "b"))))
        .withMessageStartingWith("text must have the items of the folder in its order: row 1 is")
        .withMessageContaining("\"b\"")
        .withMessageContaining("\"c\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.open(folder).withText(text.slice(0, 2)))
        .withMessageContaining("expected one id for each of the 2 items, found 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text.withIds(List.of("a")))
        .withMessage("ids must name each of 3 items, found 1");
  }

  @Test
  void countsItemsWhereNothingNamesThem() {
    files.write("sequences.tsv", "u\t0 1 2\nv\t2 3\n");
    DataFolder data = DataFolder.open(folder);
    assertThat(data.itemCount()).isEqualTo(4);
    LanguageEmbeddings text = LanguageEmbeddings.of(new float[6][2]);
    assertThat(data.withText(text).itemCount()).isEqualTo(6);
  }

  @Test
  void severalTablesMustBeChosenFrom() {
    files.write("movies.csv", "movie,title\n1,x\n");
    files.write("likes.csv", "userId,movieId\nu,1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(4).open())
        .withMessage(
            "expected one file of interactions in %s, or one with the folder's name, found"
                + " likes.csv, movies.csv; set interactions to one of them, or to several that"
                + " belong together",
            folder);
    DataFolder chosen = DataFolder.builder(folder).itemCount(4).interactions("likes.csv").open();
    assertThat(chosen.sequences().sequences()).containsExactly(UserSequence.of("u", 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(4).interactions("no.csv").open())
        .withMessage("interactions must name a file in %s, found no \"no.csv\"", folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).interactions(" "))
        .withMessage("interactions must name a file, found \" \"");
    // A given split does not need the choice.
    writeSplit();
    DataFolder data = DataFolder.builder(folder).itemCount(4).open();
    assertThat(data.split().train().size()).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(data::sequences)
        .withMessageContaining("likes.csv, movies.csv");
  }

  @Test
  void whatWasLookedForIsListed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(4).open())
        .withMessage(
            "expected train.txt, valid.txt and test.txt, or sequences.tsv, or a file of interactions"
                + " (.inter, .csv, ratings.dat, u.data, .jsonl, .json or .zip) in %s, found none of them",
            folder);
    files.write("train.txt", "1 2\n");
    files.write("test.txt", "1 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(4).open())
        .withMessageEndingWith("in %s, found only train.txt, test.txt", folder);
    Path none = folder.resolve("none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(none).itemCount(4).open())
        .withMessage("expected a folder of data, found nothing at %s", none);
    Path file = folder.resolve("train.txt");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(file).itemCount(4).open())
        .withMessage("expected a folder of data, found a file at %s", file);
  }

  @Test
  void itemIdsNameTheRows() {
    files.write("item_ids.txt", "a\nb\nc\n");
    files.write("sequences.tsv", "u\tc a X\n");
    DataFolder data = DataFolder.builder(folder).open();
    assertThat(data.itemCount()).isEqualTo(3);
    assertThat(data.vocabulary().row("c")).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(data::sequences)
        .withMessage(
            "sequences.tsv line 1: item \"X\" is not one of the 3 items of the vocabulary");
    DataFolder skipping =
        DataFolder.builder(folder).itemCount(3).unknownItems(UnknownItems.SKIP).open();
    assertThat(skipping.sequences().sequences()).containsExactly(UserSequence.of("u", 2, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(4).open())
        .withMessage("item_ids.txt: expected one id for each of the 4 items, found 3");
  }

  @Test
  void skippingHoldsForEveryKindOfFile() {
    files.write("train.txt", "1 9 2\n");
    files.write("valid.txt", "1 2\n");
    files.write("test.txt", "1 9\n");
    files.write("x.csv", "user,item\nu,1\nu,9\n");
    DataFolder data =
        DataFolder.builder(folder).itemCount(4).unknownItems(UnknownItems.SKIP).open();
    assertThat(data.split().train().history(0)).containsExactly(1);
    assertThat(data.split().excluded(Exclusion.UNKNOWN_TARGET)).isEqualTo(1);
    assertThat(data.sequences().coverage().unknownExamples()).containsExactly("9");
  }

  @Test
  void withoutItemIdsTheCountIsNeeded() {
    writeSplit();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).open())
        .withMessage(
            "itemCount must be set for %s, which has no item_ids.txt: ids are row numbers", folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(folder).itemCount(0))
        .withMessage("itemCount must be at least 1, found 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0\t\"Toy\" Story\n1\t1942\n2\té\n",
        "0\t\"Toy\" Story\tx\n1\t1942\ty\n2\té\tz\n",
        "2\té\r\n0\t\"Toy\" Story\r\n1\t1942\r\n\r\n",
        "0\t17\t\"Toy\" Story\t1995\tAnimation\n1\t4\t1942\t1996\t\n2\t5\té\t1997\tx\n",
        "\uFEFFrow\tid\ttitle\n0\tB01\t\"Toy\" Story\n1\tB02\t1942\n2\tB03\té\n",
        "item_id:token\titem_title:token_seq\n0\t\"Toy\" Story\n1\t1942\n2\té\n",
        "row\tid\twhat\n0\t17\t\"Toy\" Story\n1\t4\t1942\n2\t5\té\n"
      })
  void readsTitles(String content) {
    writeSplit();
    files.write("items.tsv", content);
    files.write("item_ids.txt", "a\nb\nc\n");
    assertThat(DataFolder.builder(folder).itemCount(3).open().titles())
        .contains(ImmutableMap.of("a", "\"Toy\" Story", "b", "1942", "c", "é"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0>a;1|items.tsv line 2: expected an item row, a TAB and a title, found 1 instead of 2 or"
            + " more fields",
        "0>a;x>b|items.tsv line 2: expected an item row from 0 to 2, found \"x\"",
        "0>a;3>b|items.tsv line 2: expected an item row from 0 to 2, found \"3\"",
        "0>a;-1>b|items.tsv line 2: expected an item row from 0 to 2, found \"-1\"",
        "0>a;1>b;0>c|items.tsv line 3: expected one line per item, found row 0 of line 1",
        "0>a;2>b|items.tsv: expected a title for each of the 3 items, found 2; row 1 is missing",
        "0>a;;1>b|items.tsv line 2: expected an item row, a TAB and a title, found a blank line",
        "row>id>title;0>7|items.tsv line 2: expected an item row, a TAB and a title, found 2"
            + " instead of 3 or more fields"
      })
  void badTitlesAreNamed(String content, String problem) {
    writeSplit();
    files.write("items.tsv", content.replace(';', '\n').replace('>', '\t') + "\n");
    DataFolder data = DataFolder.builder(folder).itemCount(3).open();
    assertThatIllegalArgumentException().isThrownBy(data::titles).withMessage(problem);
  }

  @Test
  void readsRealData() throws IOException {
    String root = System.getProperty("alphafuse.data", "");
    assumeFalse(root.isEmpty(), "the system property alphafuse.data names no folder of real data");
    Path games = Path.of(root).resolve("games-amazon18");
    assumeTrue(Files.isDirectory(games), () -> "there is no real data at " + games);
    DataFolder data = DataFolder.builder(games).itemCount(16859).open();

    DatasetSplit split = data.split();
    assertThat(split.train().size()).isEqualTo(lines(games.resolve("train.txt")));
    assertThat(split.validation().size()).isEqualTo(lines(games.resolve("valid.txt")));
    assertThat(split.test().size()).isEqualTo(lines(games.resolve("test.txt")));
    assertThat(split.exclusions()).isEmpty();
    assertThat(split.train().history(1)).containsExactly(9787, 8244, 6129, 4032, 2081);
    assertThat(split.train().target(1)).isEqualTo(12314);
    assertThat(split.train().lastItems(10)).isEqualTo(split.train());

    SequenceDataset dataset = data.sequences();
    assertThat(dataset)
        .hasToString(
            "50546 users, 16859 items, 440264 interactions, length min 5, median 6.0, mean 8.7,"
                + " max 50");
    assertThat(dataset.coverage().isComplete()).isTrue();
    DatasetSplit ratio = UserRatioSplit.create().split(dataset.lastItems(11));
    assertThat(List.of(ratio.train().size(), ratio.validation().size(), ratio.test().size()))
        .containsExactly(40436, 5055, 5055);
    assertThat(Set.copyOf(ratio.test().users())).doesNotContainAnyElementsOf(ratio.train().users());
    assertThat(LeaveOneOutSplit.create().split(dataset).train().size()).isEqualTo(50546);
    assertThat(data.titles().orElseThrow())
        .hasSize(16859)
        .containsEntry("0", "Fire Emblem: The Sacred Stones");
  }

  @ParameterizedTest
  @CsvSource({"ml-100k, 1631, 99020, GoldenEye", "ml-1m, 3416, 999611, Jumanji"})
  void readsRealSequencesWithItemIds(
      String name, int items, long interactions, String secondTitle) {
    String root = System.getProperty("alphafuse.data", "");
    assumeFalse(root.isEmpty(), "the system property alphafuse.data names no folder of real data");
    Path folder = Path.of(root).resolve(name);
    assumeTrue(Files.isDirectory(folder), () -> "there is no real data at " + folder);
    DataFolder data = DataFolder.builder(folder).itemCount(items).open();
    assertThat(data.sequences().interactionCount()).isEqualTo(interactions);
    assertThat(data.titles().orElseThrow().get("1")).isEqualTo(secondTitle);
  }

  private static int lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return (int) lines.count();
    }
  }

  private int count() {
    return DataFolder.builder(folder).countItems(true).open().itemCount();
  }

  private void assertNotCounted(String message, Object... arguments) {
    assertThatIllegalArgumentException().isThrownBy(this::count).withMessage(message, arguments);
  }

  @Test
  void countsItemsByIdsOrTitlesOrTheLargestRow() {
    files.write("sequences.tsv", "u\t1 2 3\nv\t3 5\n");
    assertThat(count()).isEqualTo(6);
    assertThat(DataFolder.builder(folder).countItems(true).itemCount(9).open().itemCount())
        .isEqualTo(9);
    files.write("items.tsv", "row\ttitle\n1\tb\n0\ta\n2\tc\n3\td\n4\te\n5\tf\n6\tg\n");
    assertThat(count()).isEqualTo(7);
    files.write("item_ids.txt", "5\n3\n2\n1\nx\ny\nz\n");
    DataFolder named = DataFolder.builder(folder).countItems(true).open();
    assertThat(named.itemCount()).isEqualTo(7);
    assertThat(named.sequences().sequences().get(1).items()).containsExactly(1, 0);
    files.write("item_ids.txt", "5\n3\n2\n1\nx\n");
    assertNotCounted("item_ids.txt: expected one id for each of the 7 items of items.tsv, found 5");
  }

  @Test
  void countsItemsOfInteractionsWhateverTheirRatings() {
    files.write("ratings.csv", "user,item,rating\nu,0,5\nu,1,5\nv,2,5\nv,4,1\n");
    DataFolder data = DataFolder.builder(folder).countItems(true).minRating(4).open();
    assertThat(data.itemCount()).isEqualTo(5);
    assertThat(data.sequences().interactionCount()).isEqualTo(3);
  }

  @Test
  void rejectsItemsThatCannotBeCounted() {
    files.write("sequences.tsv", "u\t1 2\nv\t3 07\n");
    assertNotCounted(
        "sequences.tsv: expected item rows, whole numbers from 0 on, found \"07\": ids need"
            + " item_ids.txt, which lists them in row order");
    files.write("sequences.tsv", "u\t1 2\nv\t3 5\n");
    assertThat(count()).isEqualTo(6);
    files.write("sequences.tsv", "u\t1 2\nv\t3 7\n");
    assertThat(count()).isEqualTo(8);
    files.write("sequences.tsv", "u\t1 2\nv\t3 8\n");
    assertNotCounted(
        "sequences.tsv: expected item rows without wide gaps, found 4 items up to 8: if these are"
            + " ids, list them in item_ids.txt; if they are rows, list all items in items.tsv");
    files.write("sequences.tsv", "u\t1 2147483647\n");
    assertThatIllegalArgumentException().isThrownBy(this::count).withMessageContaining("wide gaps");
    files.write("items.tsv", "0\ta\n2\tb\n");
    assertNotCounted("items.tsv line 2: expected an item row from 0 to 1, found \"2\"");
    files.write("items.tsv", "row\ttitle\n");
    assertNotCounted("items.tsv: expected an item row, a TAB and a title, found no item");
  }
}
