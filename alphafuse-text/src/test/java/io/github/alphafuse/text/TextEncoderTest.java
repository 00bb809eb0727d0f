package io.github.alphafuse.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.ItemCatalogue.Item;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextEncoderTest {
  @TempDir private Path folder;

  private final List<Duration> waits = new CopyOnWriteArrayList<>();

  private TextEncoder.Builder quick(EmbeddingModel model) {
    return TextEncoder.builder(model).pause(waits::add);
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "text " + i).toList();
  }

  static void assertRows(LanguageEmbeddings embeddings, List<String> texts) {
    assertThat(embeddings.itemCount()).isEqualTo(texts.size());
    float[] all = embeddings.toTensor().floats();
    for (int i = 0; i < texts.size(); i++) {
      assertThat(Arrays.copyOfRange(all, i * HashModel.WIDTH, (i + 1) * HashModel.WIDTH))
          .as(texts.get(i))
          .isEqualTo(HashModel.vector(texts.get(i)));
    }
  }

  @Test
  void encodesTextsInOrderWithoutIds() {
    LanguageEmbeddings embeddings =
        TextEncoder.of(new HashModel()).encode("chess", "go", "draughts");

    assertRows(embeddings, List.of("chess", "go", "draughts"));
    assertThat(embeddings.elementType()).isEqualTo(ElementType.FLOAT32);
    assertThat(embeddings.ids()).isEmpty();
  }

  @Test
  void catalogueKeepsIdsAndFallsBackToTitles() {
    ItemCatalogue catalogue =
        ItemCatalogue.of(
            List.of(
                new Item("a", "Chess", "Chess set of wood"),
                new Item("b", "Go", " \n"),
                new Item("c", "", "Dice")));

    LanguageEmbeddings embeddings = TextEncoder.of(new HashModel()).encode(catalogue);

    assertRows(embeddings, List.of("Chess set of wood", "Go", "Dice"));
    assertThat(embeddings.ids()).hasValue(catalogue.ids());
  }

  @Test
  void blankItemsAreRefusedWithExamplesBeforeAnythingIsAsked() {
    List<Item> items = new ArrayList<>(List.of(new Item("full", "Chess", "")));
    IntStream.range(0, 7).forEach(i -> items.add(new Item("blank-" + i, " ", "")));
    HashModel model = new HashModel();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextEncoder.of(model).encode(ItemCatalogue.of(items)))
        .withMessage(
            "7 of 8 items have neither a text nor a title: 'blank-0', 'blank-1', 'blank-2',"
                + " 'blank-3', 'blank-4', ...; give them one, leave them out, or set blankTexts");
    assertThat(model.requests).isEmpty();
  }

  @Test
  void blankItemsGetTheMeanOfTheOthers() {
    TextEncoder encoder = TextEncoder.builder(new HashModel()).blankTexts(BlankTexts.MEAN).build();

    LanguageEmbeddings embeddings = encoder.encode("go", "", "chess", "go");

    double[] expected = new double[HashModel.WIDTH];
    for (int j = 0; j < expected.length; j++) {
      expected[j] = (float) ((2.0 * HashModel.vector("go")[j] + HashModel.vector("chess")[j]) / 3);
    }
    assertThat(embeddings.row(1)).isEqualTo(expected);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode("", " "))
        .withMessageContaining("2 of 2 items have neither");
  }

  @Test
  @SuppressWarnings("NullAway")
  void listsAreChecked() {
    TextEncoder encoder = TextEncoder.of(new HashModel());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode(List.of()))
        .withMessage("texts must have at least one text, found none");
    assertThatNullPointerException()
        .isThrownBy(() -> encoder.encode("a", null))
        .withMessage("text 1 is null");
  }

  @Test
  void sendsEachTextOnceInBatches() {
    HashModel model = new HashModel();
    List<String> texts = new ArrayList<>(texts(5));
    texts.addAll(texts(5));

    assertRows(TextEncoder.builder(model).batchSize(2).build().encode(texts), texts);

    assertThat(model.requests)
        .containsExactly(
            List.of("text 0", "text 1"), List.of("text 2", "text 3"), List.of("text 4"));
  }

  @Test
  void parallelRequestsOverlapAndKeepTheOrder() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    HashModel model =
        new HashModel(
            texts -> {
              both.countDown();
              try {
                assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              return HashModel.all(texts);
            });

    LanguageEmbeddings embeddings =
        quick(model).batchSize(3).parallelRequests(2).build().encode(texts(20));

    assertRows(embeddings, texts(20));
  }

  @Test
  void retriesWithGrowingWaits() {
    AtomicInteger failures = new AtomicInteger(5);
    HashModel model =
        new HashModel(
            texts -> {
              if (failures.getAndDecrement() > 0) {
                throw new RateLimitException("too many requests");
              }
              return HashModel.all(texts);
            });

    LanguageEmbeddings embeddings =
        quick(model)
            .retries(5)
            .retryDelay(Duration.ofMillis(100))
            .maxRetryDelay(Duration.ofMillis(500))
            .build()
            .encode("go");

    assertRows(embeddings, List.of("go"));
    assertThat(waits).extracting(Duration::toMillis).containsExactly(100L, 200L, 400L, 500L, 500L);
  }

  @Test
  void givesUpAfterTheRetriesAndNamesTheItems() {
    HashModel model =
        new HashModel(
            texts -> {
              throw new RateLimitException("too many requests");
            });
    ItemCatalogue catalogue =
        ItemCatalogue.of(
            List.of(new Item("a", "Go", "Go"), new Item("b", "", "x".repeat(100_000))));

    assertThatIllegalStateException()
        .isThrownBy(() -> quick(model).retries(2).build().encode(catalogue))
        .withMessage(
            "the model failed on a request of 2 texts, item 'a' (\"Go\") the first and item 'b' (\""
                + "x".repeat(60)
                + "...\") the longest with 100,000 characters, at attempt 3: too many requests")
        .withCauseInstanceOf(RateLimitException.class);
    assertThat(waits).hasSize(2);
  }

  @Test
  void wrongRequestsAreNotRepeated() {
    HashModel model =
        new HashModel(
            texts -> {
              throw new AuthenticationException("no such key");
            });

    assertThatIllegalStateException()
        .isThrownBy(() -> quick(model).build().encode("go"))
        .withMessageContaining("at attempt 1: no such key");
    assertThat(waits).isEmpty();
  }

  /** What a model does with the second request, and what is said of it. */
  private record BadAnswer(HashModel.Answer answer, String message) {}

  private static List<BadAnswer> badAnswers() {
    return List.of(
        new BadAnswer(
            texts -> HashModel.all(texts.subList(1, 2)),
            "the model gave 1 vectors for 2 texts, the first of which is item 'id-2' (\"text 2\")"),
        new BadAnswer(
            texts -> HashModel.all(texts(3)),
            "the model gave 3 vectors for 2 texts, the first of which is item 'id-2' (\"text 2\")"),
        new BadAnswer(
            texts -> null,
            "the model gave no vectors for 2 texts, the first of which is item 'id-2' (\"text 2\")"),
        new BadAnswer(
            texts -> {
              List<Embedding> answer = HashModel.all(texts);
              answer.set(1, null);
              return answer;
            },
            "the model gave item 'id-3' (\"text 3\") no vector"),
        new BadAnswer(
            texts -> {
              List<Embedding> answer = HashModel.all(texts);
              answer.get(1).vector()[4] = Float.NaN;
              return answer;
            },
            "the model gave item 'id-3' (\"text 3\") the number NaN at position 4, expected finite"
                + " numbers"),
        new BadAnswer(
            texts -> {
              List<Embedding> answer = HashModel.all(texts);
              answer.get(0).vector()[0] = Float.NEGATIVE_INFINITY;
              return answer;
            },
            "the model gave item 'id-2' (\"text 2\") the number -Infinity at position 0, expected"
                + " finite numbers"),
        new BadAnswer(
            texts -> {
              List<Embedding> answer = HashModel.all(texts);
              answer.set(1, Embedding.from(new float[HashModel.WIDTH + 1]));
              return answer;
            },
            "the model gave item 'id-3' (\"text 3\") a vector of 7 numbers, expected 6 as before"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void badAnswersAreRefusedAndEarlierOnesKept(int parallelRequests) {
    ItemCatalogue catalogue =
        ItemCatalogue.of(
            IntStream.range(0, 6).mapToObj(i -> new Item("id-" + i, "", "text " + i)).toList());
    for (BadAnswer bad : badAnswers()) {
      Path cache = folder.resolve("texts-" + badAnswers().indexOf(bad) + bad.message.hashCode());
      CountDownLatch firstIsStored = new CountDownLatch(1);
      HashModel model =
          new HashModel(
              texts -> {
                if (texts.contains("text 2")) {
                  awaitUnlessAlone(firstIsStored, parallelRequests);
                  return bad.answer.to(texts);
                }
                return HashModel.all(texts);
              });
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  quick(model)
                      .batchSize(2)
                      .parallelRequests(parallelRequests)
                      .cache(cache)
                      .listener(
                          progress -> {
                            if (progress.done() > 0) {
                              firstIsStored.countDown();
                            }
                          })
                      .build()
                      .encode(catalogue))
          .withMessageStartingWith(bad.message);

      HashModel good = new HashModel();
      assertRows(quick(good).cache(cache).build().encode(texts(6)), texts(6));
      assertThat(good.asked()).contains("text 2", "text 3").doesNotContain("text 0", "text 1");
    }
  }

  private static void awaitUnlessAlone(CountDownLatch latch, int parallelRequests) {
    try {
      if (parallelRequests > 1) {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyNewAndChangedTextsAreAskedForAgain() {
    Path cache = folder.resolve("texts.cache");
    quick(new HashModel()).cache(cache).build().encode(texts(100));
    List<String> next = new ArrayList<>(texts(101));
    next.set(50, "changed");
    HashModel model = new HashModel();
    List<EncodingProgress> progress = new ArrayList<>();

    LanguageEmbeddings embeddings =
        quick(model).cache(cache).listener(progress::add).build().encode(next);

    assertRows(embeddings, next);
    assertThat(model.asked()).containsExactly("changed", "text 100");
    assertThat(progress)
        .containsExactly(new EncodingProgress(99, 101, 99), new EncodingProgress(101, 101, 99));
  }

  @Test
  void keepsUnusedVectorsUnlessAskedToDropThem() throws Exception {
    Path cache = folder.resolve("texts.cache");
    quick(new HashModel()).cache(cache).build().encode(texts(10));
    long full = Files.size(cache);

    quick(new HashModel()).cache(cache).build().encode("text 3");
    assertThat(Files.size(cache)).isEqualTo(full);

    quick(new HashModel()).cache(cache).pruneCache(true).build().encode("text 3", "new");
    HashModel model = new HashModel();
    assertRows(
        quick(model).cache(cache).build().encode("new", "text 3", "text 4"),
        List.of("new", "text 3", "text 4"));
    assertThat(model.asked()).containsExactly("text 4");
    assertThat(Files.size(cache)).isLessThan(full);
  }

  @Test
  void cacheOfAnotherModelOrWidthIsRefused() {
    Path cache = folder.resolve("texts.cache");
    quick(new HashModel()).cache(cache).build().encode("go");

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> quick(new HashModel()).cache(cache).modelName("other").build().encode("go"))
        .withMessageEndingWith(
            "texts.cache holds vectors of the model 'hash', expected 'other': give each model its"
                + " own file");
    HashModel wide =
        new HashModel(
            texts -> texts.stream().map(text -> Embedding.from(new float[] {1, 2})).toList());
    assertThatIllegalStateException()
        .isThrownBy(() -> quick(wide).cache(cache).build().encode("chess"))
        .withMessageContaining("a vector of 2 numbers, expected 6 as before in ")
        .withMessageEndingWith("texts.cache");
    assertRows(quick(new HashModel()).cache(cache).build().encode("go"), List.of("go"));
  }

  @Test
  void cacheNeedsANameOfTheModel() {
    EmbeddingModel nameless =
        new HashModel() {
          @Override
          public String modelName() {
            return "unknown";
          }
        };

    assertThatIllegalArgumentException()
        .isThrownBy(() -> quick(nameless).cache(folder.resolve("texts.cache")).build())
        .withMessageStartingWith("modelName must be set for a cache");
    assertThat(quick(new OneModel()).cache(folder.resolve("c")).build())
        .hasToString("TextEncoder[" + OneModel.class.getName() + ", " + folder.resolve("c") + "]");
  }

  /** A class that is always the same model. */
  public static final class OneModel implements EmbeddingModel {
    /** Makes the model. */
    public OneModel() {}
  }

  @Test
  void interruptKeepsWhatWasAnswered() {
    Path cache = folder.resolve("texts.cache");
    for (int parallelRequests : new int[] {1, 2}) {
      HashModel interrupted = new HashModel();
      Thread caller = Thread.currentThread();
      List<EncodingProgress> told = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  quick(interrupted)
                      .batchSize(5)
                      .parallelRequests(parallelRequests)
                      .cache(cache)
                      .listener(
                          progress -> {
                            told.add(progress);
                            if (told.size() == 2) {
                              caller.interrupt();
                            }
                          })
                      .build()
                      .encode(texts(1000)))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      HashModel model = new HashModel();
      quick(model).cache(cache).build().encode("text 0", "text 1", "text 2", "text 3", "text 4");
      assertThat(model.requests).isEmpty();
    }
    HashModel rest = new HashModel();
    assertRows(quick(rest).cache(cache).build().encode(texts(1000)), texts(1000));
    assertThat(rest.asked()).doesNotContain("text 0").contains("text 999");
  }

  @Test
  void interruptEndsAWait() {
    HashModel model =
        new HashModel(
            texts -> {
              throw new RateLimitException("too many requests");
            });
    TextEncoder encoder =
        TextEncoder.builder(model)
            .pause(
                duration -> {
                  throw new InterruptedException();
                })
            .build();

    assertThatThrownBy(() -> encoder.encode("go")).isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(model.requests).hasSize(1);
  }

  @Test
  void errorsOfTheModelPassThrough() {
    HashModel model =
        new HashModel(
            texts -> {
              throw new UnsatisfiedLinkError("no library");
            });

    assertThatThrownBy(() -> quick(model).parallelRequests(2).batchSize(1).build().encode("a", "b"))
        .isInstanceOf(UnsatisfiedLinkError.class);
  }

  @Test
  void optionsAreCheckedWhereTheyAreSet() {
    TextEncoder.Builder builder = TextEncoder.builder(new HashModel());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.batchSize(0))
        .withMessage("batchSize must be positive, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.retries(-1))
        .withMessage("retries must not be negative, found -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.retryDelay(Duration.ofSeconds(-1)))
        .withMessageStartingWith("retryDelay must not be negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxRetryDelay(Duration.ofSeconds(-1)))
        .withMessageStartingWith("maxRetryDelay must not be negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.parallelRequests(0))
        .withMessage("parallelRequests must be positive, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.modelName(" "))
        .withMessage("modelName must not be blank, found ' '");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.cache(folder))
        .withMessageEndingWith("is a directory, expected a file");
  }
}
