package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.internal.FullDisk;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ItemVocabularyTest {
  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  @Test
  void rowNumbersAreTheirOwnIds() {
    ItemVocabulary rows = ItemVocabulary.ofRows(12);
    assertThat(rows.size()).isEqualTo(12);
    assertThat(rows.isRowNumbers()).isTrue();
    assertThat(rows.id(11)).isEqualTo("11");
    assertThat(rows.row("11")).isEqualTo(11);
    assertThat(rows.row("0")).isZero();
    assertThat(rows.ids()).hasSize(12).startsWith("0", "1").endsWith("11");
    assertThat(rows).hasToString("ItemVocabulary[12 items, ids are row numbers]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"12", "-1", "+1", "01", "00", "", " 1", "1.0", "x", "4294967297", "99999999999"})
  void onlyCanonicalNumbersInTheCatalogueAreRowIds(String id) {
    ItemVocabulary rows = ItemVocabulary.ofRows(12);
    assertThat(rows.find(id)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rows.row(id))
        .withMessage("item \"%s\" is not one of the 12 items of the catalogue", id);
  }

  @Test
  void ownIdsAndRowsAreABijection() {
    List<String> ids = IntStream.range(0, 500).mapToObj(i -> "B" + (i * 7919) % 500).toList();
    ItemVocabulary vocabulary = ItemVocabulary.of(ids);
    assertThat(vocabulary.isRowNumbers()).isFalse();
    assertThat(vocabulary.ids()).isEqualTo(ids);
    for (int row = 0; row < 500; row++) {
      assertThat(vocabulary.row(vocabulary.id(row))).isEqualTo(row);
      assertThat(vocabulary.find(ids.get(row))).hasValue(row);
    }
    assertThat(vocabulary.find("B500")).isEmpty();
    assertThat(vocabulary).hasToString("ItemVocabulary[500 items, \"B0\" first]");
  }

  @Test
  void aListOfRowNumbersIsRowNumbers() {
    ItemVocabulary listed = ItemVocabulary.of(List.of("0", "1", "2"));
    assertThat(listed).isEqualTo(ItemVocabulary.ofRows(3)).hasSameHashCodeAs(listed);
    assertThat(listed.isRowNumbers()).isTrue();
    assertThat(ItemVocabulary.of(List.of("1", "0")).isRowNumbers()).isFalse();
  }

  @Test
  void equalsComparesIdsInOrder() {
    ItemVocabulary ab = ItemVocabulary.of(List.of("a", "b"));
    assertThat(ab)
        .isEqualTo(ItemVocabulary.of(List.of("a", "b")))
        .hasSameHashCodeAs(ItemVocabulary.of(List.of("a", "b")))
        .isNotEqualTo(ItemVocabulary.of(List.of("b", "a")))
        .isNotEqualTo(ItemVocabulary.ofRows(2))
        .isNotEqualTo("ab");
    assertThat(ItemVocabulary.ofRows(2)).isNotEqualTo(ab).isNotEqualTo(ItemVocabulary.ofRows(3));
  }

  @Test
  void readsBackWhatItWrote() {
    for (ItemVocabulary vocabulary :
        List.of(ItemVocabulary.of(List.of("x", "ключ", "a b")), ItemVocabulary.ofRows(4))) {
      Path file = folder.resolve("item_ids.txt");
      vocabulary.write(file);
      assertThat(ItemVocabulary.read(file)).isEqualTo(vocabulary);
    }
    assertThat(folder.resolve("item_ids.txt")).hasContent("0\n1\n2\n3\n");
  }

  @Test
  void toleratesByteOrderMarkCrlfAndBlankLinesAtTheEnd() {
    Path file =
        files.write("item_ids.txt", TemporaryFiles.BYTE_ORDER_MARK + "a\r\n b \r\nc\r\n\r\n \r\n");
    assertThat(ItemVocabulary.read(file).ids()).containsExactly("a", "b", "c");
    assertThat(ItemVocabulary.read(files.write("item_ids.txt", "a\nb")).ids())
        .containsExactly("a", "b");
  }

  @Test
  void readsLinesLongerThanItsBuffer() {
    String longId = "x".repeat(200_000);
    Path file = files.write("item_ids.txt", "a\n" + longId + "\n" + longId + "y\nb\n");
    assertThat(ItemVocabulary.read(file).ids()).containsExactly("a", longId, longId + "y", "b");
  }

  @Test
  void duplicatesNameBothPlaces() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.of(List.of("a", "b", "c", "b")))
        .withMessage(
            "row 3: expected an id of its own for every item, found \"b\", which is also the id of"
                + " row 1");
    Path file = files.write("item_ids.txt", "a\nb\nb\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.read(file))
        .withMessage(
            "item_ids.txt line 3: expected an id of its own for every item, found \"b\", which is"
                + " also the id of item_ids.txt line 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " a", "a ", "a\nb", "a\rb"})
  void idsThatCannotBeALineAreRejected(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.of(List.of("ok", id)))
        .withMessage(
            "row 1: expected an item id without a line break, half of a surrogate pair or spaces"
                + " around it, found \"%s\"",
            id.replace("\n", "\\n").replace("\r", "\\r"));
  }

  @Test
  void badFilesAreNamedWithTheLine() {
    Path blank = files.write("item_ids.txt", "a\n\nb\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.read(blank))
        .withMessage("item_ids.txt line 2: expected one item id per line, found a blank line");
    for (String content : List.of("", "\n\n", TemporaryFiles.BYTE_ORDER_MARK)) {
      Path empty = files.write("empty.txt", content);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ItemVocabulary.read(empty))
          .withMessage("empty.txt: expected one item id per line, found an empty file");
    }
    Path latin = files.write("latin.txt", "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.read(latin))
        .withMessageStartingWith("latin.txt line 2: expected UTF-8 text, found bytes that are not");
    assertThatThrownBy(() -> ItemVocabulary.read(folder.resolve("none.txt")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.txt");
    assertThatThrownBy(() -> ItemVocabulary.ofRows(3).write(folder.resolve("no/such/folder")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("folder");
  }

  @Test
  void emptyVocabulariesAreRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.ofRows(0))
        .withMessage("itemCount must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemVocabulary.of(List.of()))
        .withMessage("ids must hold at least one item, found none");
  }

  @Test
  void rowsOutsideAreIndexErrors() {
    for (ItemVocabulary vocabulary :
        List.of(ItemVocabulary.ofRows(2), ItemVocabulary.of(List.of("a", "b")))) {
      for (int row : new int[] {-1, 2}) {
        assertThatThrownBy(() -> vocabulary.id(row))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("row");
        assertThatThrownBy(() -> vocabulary.ids().get(row))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void aFullDiskLeavesTheOldFile() {
    Path file = folder.resolve("item_ids.txt");
    ItemVocabulary old = ItemVocabulary.of(List.of("a", "b"));
    old.write(file);
    try (FullDisk full = new FullDisk(3)) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> ItemVocabulary.of(List.of("c", "d", "e")).write(file))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("cannot write " + file + ": " + FullDisk.REASON);
    }
    assertThat(ItemVocabulary.read(file)).isEqualTo(old);
    assertThat(folder.toFile().list()).containsExactly("item_ids.txt");
  }
}
