package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitReaderTest {
  private static final ItemVocabulary ITEMS = ItemVocabulary.ofRows(10);

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  private SplitReader.Builder reader(String train, String validation, String test) {
    return SplitReader.builder(ITEMS)
        .train(files.write("train.txt", train))
        .validation(files.write("valid.txt", validation))
        .test(files.write("test.txt", test));
  }

  @Test
  void theLastItemIsTheTarget() {
    DatasetSplit split = reader("1 2 3\r\n4,5\n\n", "6 7\n", "8 9\n9 0 1\n").build().read();
    assertThat(split.train())
        .isEqualTo(
            Examples.builder(10)
                .add("train.txt:1", new int[] {1, 2}, 3)
                .add("train.txt:2", new int[] {4}, 5)
                .build());
    assertThat(split.validation())
        .isEqualTo(Examples.builder(10).add("valid.txt:1", new int[] {6}, 7).build());
    assertThat(split.test())
        .isEqualTo(
            Examples.builder(10)
                .add("test.txt:1", new int[] {8}, 9)
                .add("test.txt:2", new int[] {9, 0}, 1)
                .build());
    assertThat(split.vocabulary()).isSameAs(ITEMS);
    assertThat(split.exclusions()).isEmpty();
    assertThat(split.coverage().isComplete()).isTrue();
    assertThat(split).hasToString("2 train, 1 validation, 2 test examples over 10 items");
  }

  @Test
  void onlyTheTrainingFileIsNeeded() {
    DatasetSplit split =
        SplitReader.builder(ITEMS).train(files.write("t.txt", "1 2\n")).build().read();
    assertThat(split.train().size()).isEqualTo(1);
    assertThat(split.validation().isEmpty()).isTrue();
    assertThat(split.test().isEmpty()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(() -> SplitReader.builder(ITEMS).build())
        .withMessage("train is not set");
  }

  @Test
  void problemsNameFileAndLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("1 2\n3\n", "1 2\n", "1 2\n").build().read())
        .withMessage(
            "train.txt line 2: expected a history and its target (2 items or more), found 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("1 2\n", "1 2\n\n3 4\n", "1 2\n").build().read())
        .withMessage("valid.txt line 2: expected a history and its target, found a blank line");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("1 2\n", "1 2\n", "1 2\n1 10\n").build().read())
        .withMessage("test.txt line 2: item 10 is outside the catalogue of 10 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("1 2\n", "", "1 2\n").build().read())
        .withMessage("valid.txt: expected a history and its target, found an empty file");
    SplitReader missing = SplitReader.builder(ITEMS).train(folder.resolve("none.txt")).build();
    assertThatThrownBy(missing::read)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.txt");
  }

  @Test
  void unknownTargetsAreNeverReplacedByAnEarlierItem() {
    DatasetSplit split =
        reader("1 x 2\n1 2 x\nx 3\nx y\n", "4 5\n", "z 6\n")
            .unknownItems(UnknownItems.SKIP)
            .build()
            .read();
    assertThat(split.train())
        .isEqualTo(Examples.builder(10).add("train.txt:1", new int[] {1}, 2).build());
    assertThat(split.test().isEmpty()).isTrue();
    assertThat(split.exclusions())
        .containsOnly(Map.entry(Exclusion.UNKNOWN_TARGET, 2), Map.entry(Exclusion.TOO_SHORT, 2));
    ItemCoverage coverage = split.lastItems(5).coverage();
    assertThat(coverage.unknownExamples()).containsExactly("x", "y", "z");
    assertThat(coverage.skippedInteractionCount()).isEqualTo(6);
    assertThat(coverage.skippedUserCount()).isEqualTo(1);
  }
}
