package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's file that is replaced, damaged, missing or a link, and the file of added items. */
class LiveRecommenderFileTest {
  private static final int WIDTH = 12;

  @TempDir private Path folder;
  private Path file;

  /** Models of 20 items, 20 others, and 25 of which the first 20 are those of the first. */
  private Path first;

  private Path other;
  private Path larger;

  @BeforeEach
  void saveModels() {
    file = folder.resolve("model.zip");
    first = saved("first", ids("item-", 20));
    other = saved("other", ids("thing-", 20));
    larger = saved("larger", ids("item-", 25));
  }

  private Path saved(String name, ItemVocabulary ids) {
    LanguageEmbeddings text = text(name.length(), ids.size());
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(text);
    Path path = folder.resolve(name + ".zip");
    SasRec.builder(
            FusedItemEmbedding.builder(projector, text)
                .idInitializer(IdInitializer.normal())
                .build())
        .maxLength(5)
        .vocabulary(ids)
        .build()
        .save(path);
    return path;
  }

  private static ItemVocabulary ids(String prefix, int count) {
    return ItemVocabulary.of(IntStream.range(0, count).mapToObj(i -> prefix + i).toList());
  }

  private static LanguageEmbeddings text(int seed, int rows) {
    return LanguageEmbeddings.of(RandomNumbers.rows(seed, rows, WIDTH));
  }

  private void put(Path model) throws Exception {
    Path copy = folder.resolve("copy.tmp");
    Files.copy(model, copy, StandardCopyOption.REPLACE_EXISTING);
    Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void until(BooleanSupplier condition) throws Exception {
    for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private static List<Recommendation> expected(Path model, List<String> history) {
    try (Recommender recommender = Recommender.load(model)) {
      return recommender.recommend(history, 5);
    }
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("alphafuse-watch"))
        .count();
  }

  private LiveRecommender unwatched() {
    return LiveRecommender.builder(file).watch(false).build();
  }

  @Test
  void aReplacedFileIsServedAndNoThreadIsLeft() throws Exception {
    put(first);
    long before = watchers();
    try (LiveRecommender live =
        LiveRecommender.builder(file).interval(Duration.ofMillis(5)).build()) {
      assertThat(watchers()).isEqualTo(before + 1);
      assertThat(live.version()).isEqualTo(SavedModel.checksum(first));
      assertThat(live.recommend(List.of("item-1"), 5))
          .isEqualTo(expected(first, List.of("item-1")));
      put(other);
      until(() -> live.version().equals(SavedModel.checksum(other)));
      assertThat(live.recommend(List.of("thing-1", "item-1"), 5))
          .isEqualTo(expected(other, List.of("thing-1")));
      // In place, as a copy over a network does.
      Files.write(file, Files.readAllBytes(larger));
      until(() -> live.version().equals(SavedModel.checksum(larger)));
      assertThat(live.recommend(List.of("item-24"), 5))
          .isEqualTo(expected(larger, List.of("item-24")));
    }
    until(() -> watchers() == before);
  }

  @Test
  void aFileThatCannotBeServedLeavesTheOldModel() throws Exception {
    put(first);
    try (LiveRecommender live = unwatched()) {
      assertThat(live.reload()).isFalse();
      assertThat(live.statistics().failedReloads()).isZero();

      byte[] whole = Files.readAllBytes(other);
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      assertRefused(live, 1, "is truncated");
      whole[whole.length / 3] ^= 1;
      Files.write(file, whole);
      assertRefused(live, 2, "damaged");
      AddedItems.NONE.with(List.of("a"), text(1, 1)).write(file);
      assertRefused(live, 3, "holds a added-items, expected a model");
      Files.delete(file);
      assertRefused(live, 4, "model.zip");
      Files.createDirectory(file);
      assertRefused(live, 5, "is a directory");
      Files.delete(file);

      put(first);
      assertThat(live.reload()).isFalse();
      put(other);
      assertThat(live.reload()).isTrue();
      assertThat(live.version()).isEqualTo(SavedModel.checksum(other));
      assertThat(live.statistics().failedReloads()).isEqualTo(5);
      assertThat(live.statistics().swaps()).isEqualTo(1);
    }
  }

  private void assertRefused(LiveRecommender live, int times, String message) {
    assertThat(live.reload()).isFalse();
    assertThat(live.version()).isEqualTo(SavedModel.checksum(first));
    assertThat(live.recommend(List.of("item-1"), 5)).isEqualTo(expected(first, List.of("item-1")));
    ServingStatistics statistics = live.statistics();
    assertThat(statistics.failedReloads()).isEqualTo(times);
    assertThat(statistics.lastFailedReload().orElseThrow().message()).contains(message);
  }

  @Test
  void theFirstModelMustBeThere() throws Exception {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> LiveRecommender.watch(file));
    Files.writeString(file, "no model");
    assertThatIllegalArgumentException().isThrownBy(() -> LiveRecommender.watch(file));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveRecommender.builder(file).interval(Duration.ZERO))
        .withMessage("interval must be positive, found PT0S");
  }

  @Test
  void aRefusedFileIsTriedAgainWithGrowingDelay() throws Exception {
    put(first);
    ModelFile watched = new ModelFile(file, Duration.ofNanos(1));
    assertThat(watched.loadUnless("")).isPresent();
    watched.served();
    assertThat(watched.isDue()).isFalse();
    IllegalStateException failure = new IllegalStateException("no room");
    assertThat(watched.refused(failure)).isTrue();
    assertThat(watched.refused(failure)).isFalse();
    assertThat(watched.isDue()).isTrue();
    for (int i = 0; i < 60; i++) {
      assertThat(watched.refused(failure)).isFalse();
    }
    // Ten minutes by now.
    assertThat(watched.isDue()).isFalse();
    put(other);
    assertThat(watched.isDue()).isTrue();
    assertThat(watched.loadUnless("")).isPresent();
    assertThat(watched.refused(failure)).isTrue();
  }

  @Test
  void anotherTargetOfALinkIsServed() throws Exception {
    Path current = folder.resolve("current");
    Files.createSymbolicLink(current, Path.of("first.zip"));
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(first));
    try (LiveRecommender live =
        LiveRecommender.builder(current).interval(Duration.ofMillis(5)).build()) {
      assertThat(live.version()).isEqualTo(SavedModel.checksum(first));
      Path next = folder.resolve("next");
      Files.createSymbolicLink(next, Path.of("other.zip"));
      Files.move(next, current, StandardCopyOption.ATOMIC_MOVE);
      until(() -> live.version().equals(SavedModel.checksum(other)));
    }
  }

  @Test
  void aModelThatWasSwappedInIsReplacedByTheNextFile() throws Exception {
    put(first);
    try (LiveRecommender live = unwatched()) {
      live.swap(SavedModel.load(larger), "mine");
      assertThat(live.version()).isEqualTo("mine");
      put(other);
      assertThat(live.reload()).isTrue();
      assertThat(live.version()).isEqualTo(SavedModel.checksum(other));
    }
  }

  @Test
  void addedItemsAreRestoredAfterARestart() throws Exception {
    put(first);
    Path kept = folder.resolve("added.zip");
    LiveRecommender.Builder options = LiveRecommender.builder(file).watch(false).addedItems(kept);
    List<Recommendation> answer;
    try (LiveRecommender live = options.build()) {
      assertThat(kept).doesNotExist();
      live.addItems(List.of("item-22", "kettle"), text(7, 2));
      live.addItems(List.of("cup"), text(8, 1));
      answer = live.recommend(List.of("kettle", "item-3"), 22);
      assertThat(answer).extracting(Recommendation::item).contains("cup", "item-22");
    }
    try (LiveRecommender live = options.build()) {
      assertThat(live.version()).isEqualTo(SavedModel.checksum(first) + "+3");
      assertThat(live.addedItems()).containsExactly("item-22", "kettle", "cup");
      assertThat(live.recommend(List.of("kettle", "item-3"), 22)).isEqualTo(answer);
      put(larger);
      assertThat(live.reload()).isTrue();
      assertThat(live.addedItems()).containsExactly("kettle", "cup");
      assertThat(AddedItems.read(kept).ids()).containsExactly("kettle", "cup");
    }
    try (LiveRecommender live = options.build()) {
      assertThat(live.version()).isEqualTo(SavedModel.checksum(larger) + "+2");
    }
    byte[] bytes = Files.readAllBytes(kept);
    bytes[bytes.length / 2] ^= 1;
    Files.write(kept, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(options::build)
        .withMessageContaining("added.zip is damaged");
  }

  @Test
  void nothingIsAddedThatCannotBeKept() throws Exception {
    put(first);
    Path kept = folder.resolve("no-such-folder").resolve("added.zip");
    try (LiveRecommender live =
        LiveRecommender.builder(file).watch(false).addedItems(kept).build()) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> live.addItems(List.of("cup"), text(8, 1)));
      assertThat(live.addedItems()).isEmpty();
      assertThat(live.version()).isEqualTo(SavedModel.checksum(first));
      assertThat(live.recommend(List.of("item-1"), 5)).hasSize(5);
    }
  }

  @Test
  void aFileIsNotServedIfTheAddedItemsDoNotFitIt() throws Exception {
    put(first);
    try (LiveRecommender live = unwatched()) {
      live.addItems(List.of("cup"), text(8, 1));
      LanguageEmbeddings wide = LanguageEmbeddings.of(RandomNumbers.rows(1, 20, WIDTH + 2));
      SasRec.builder(
              FusedItemEmbedding.builder(
                      NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(wide), wide)
                  .build())
          .vocabulary(ids("item-", 20))
          .build()
          .save(file);
      assertThat(live.reload()).isFalse();
      assertThat(live.version()).isEqualTo(SavedModel.checksum(first) + "+1");
      assertThat(live.statistics().failedReloads()).isEqualTo(1);
    }
  }

  @Test
  void filesAreSwappedUnderLoad() throws Exception {
    put(first);
    List<String> history = List.of("item-1", "thing-2");
    List<List<Recommendation>> answers =
        List.of(expected(first, List.of("item-1")), expected(other, List.of("thing-2")));
    List<String> versions = List.of(SavedModel.checksum(first), SavedModel.checksum(other));
    try (LiveRecommender live =
        LiveRecommender.builder(file).interval(Duration.ofMillis(1)).build()) {
      List<Thread> threads =
          IntStream.range(0, 4)
              .mapToObj(
                  i ->
                      new Thread(
                          () -> {
                            while (live.statistics().swaps() < 8) {
                              Recommendations answer = live.recommend(history, 5);
                              if (!answer.equals(answers.get(versions.indexOf(answer.version())))) {
                                throw new IllegalStateException("another answer");
                              }
                            }
                          }))
              .toList();
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      threads.forEach(
          thread -> {
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            thread.start();
          });
      for (int swap = 1; swap <= 8; swap++) {
        put(swap % 2 == 0 ? first : other);
        String version = versions.get(swap % 2);
        until(() -> live.version().equals(version));
      }
      for (Thread thread : threads) {
        thread.join(TimeUnit.MINUTES.toMillis(1));
        assertThat(thread.isAlive()).isFalse();
      }
      assertThat(failures).isEmpty();
      assertThat(live.statistics().failures()).isZero();
    }
  }
}
