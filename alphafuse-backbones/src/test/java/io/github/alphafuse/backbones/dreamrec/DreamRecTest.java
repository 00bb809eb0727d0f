package io.github.alphafuse.backbones.dreamrec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.fixture.DualViewTable;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DreamRecTest {
  private static final int ITEMS = 40;

  @TempDir private Path folder;

  private static DreamRec.Builder builder(int dim, ElementType type) {
    SplittableRandom random = new SplittableRandom(5);
    Tensor language = Tensor.zeros(ElementType.FLOAT64, ITEMS, dim);
    for (int i = 0; i < language.size(); i++) {
      language.set(i, random.nextGaussian());
    }
    FusedItemEmbedding items =
        FusedItemEmbedding.ofProjected(language, dim / 2, false)
            .idInitializer(IdInitializer.normal())
            .elementType(type)
            .build();
    return DreamRec.builder(items).maxLength(5).dropout(0).schedule(NoiseSchedule.linear(200));
  }

  private static int[][] histories(int count) {
    SplittableRandom random = new SplittableRandom(6);
    int[][] histories = new int[count][];
    Arrays.setAll(histories, b -> random.ints(1 + random.nextInt(7), 0, ITEMS).toArray());
    return histories;
  }

  private static PaddedBatch batch(int count) {
    Examples.Builder examples = Examples.builder(ITEMS);
    int[][] histories = histories(count);
    for (int b = 0; b < count; b++) {
      examples.add("user " + b, histories[b], (b * 7 + 1) % ITEMS);
    }
    return examples.build().batch(IntStream.range(0, count).toArray(), 5);
  }

  private static double relativeError(Tensor actual, Tensor expected) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < expected.size(); i++) {
      largest = Math.max(largest, Math.abs(expected.get(i)));
      error = Math.max(error, Math.abs(expected.get(i) - actual.get(i)));
    }
    return error / largest;
  }

  private static Tensor generate(DreamRec model, Sampling.Form form, int[][] histories) {
    try (DreamRecScorer scorer = model.withSampling(model.sampling().withForm(form)).scorer()) {
      return scorer.generate(histories);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyFormGeneratesTheSameRows(Sampling.Form form) {
    DreamRec model = builder(64, ElementType.FLOAT32).sampling(Sampling.ddim(10)).build();
    int[][] histories = histories(200);
    Tensor expected = generate(model, Sampling.Form.NAIVE, histories);
    assertThat(relativeError(generate(model, form, histories), expected)).isLessThan(1e-5);
  }

  @Test
  void ancestralSamplingIsTheSameInBothForms() {
    DreamRec model = builder(16, ElementType.FLOAT64).sampling(Sampling.ddpm()).build();
    int[][] histories = histories(8);
    Tensor expected = generate(model, Sampling.Form.NAIVE, histories);
    assertThat(relativeError(generate(model, Sampling.Form.AUTO, histories), expected))
        .isLessThan(1e-9);
  }

  @Test
  void noiseOfAUserDoesNotDependOnTheBatch() {
    for (Sampling sampling : new Sampling[] {Sampling.ddim(10), Sampling.ddpm().withSamples(2)}) {
      DreamRec model = builder(16, ElementType.FLOAT64).sampling(sampling).build();
      int[][] histories = histories(9);
      try (DreamRecScorer scorer = model.scorer()) {
        Tensor together = scorer.generate(histories);
        for (int b = 0; b < histories.length; b++) {
          Tensor alone = scorer.generate(new int[][] {histories[b]});
          for (int j = 0; j < 16; j++) {
            assertThat(alone.get(j)).isCloseTo(together.get(b * 16 + j), within(1e-12));
          }
        }
      }
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  @Test
  void anotherSamplingSeedGivesOtherRows() {
    int[][] histories = histories(3);
    Tensor first =
        generate(builder(16, ElementType.FLOAT32).build(), Sampling.Form.AUTO, histories);
    Tensor again =
        generate(builder(16, ElementType.FLOAT32).build(), Sampling.Form.AUTO, histories);
    Tensor other =
        generate(
            builder(16, ElementType.FLOAT32).samplingSeed(3).build(),
            Sampling.Form.AUTO,
            histories);
    assertThat(again.floats()).isEqualTo(first.floats());
    assertThat(other.floats()).isNotEqualTo(first.floats());
  }

  @Test
  void averagingSamplesDrawsThemCloserTogether() {
    int[][] histories = histories(30);
    DreamRec one = builder(16, ElementType.FLOAT64).build();
    DreamRec many = one.withSampling(one.sampling().withSamples(16));
    DreamRec manyOthers =
        builder(16, ElementType.FLOAT64)
            .samplingSeed(99)
            .sampling(one.sampling().withSamples(16))
            .build();
    DreamRec oneOther = builder(16, ElementType.FLOAT64).samplingSeed(99).build();
    double apart =
        relativeError(
            generate(one, Sampling.Form.AUTO, histories),
            generate(oneOther, Sampling.Form.AUTO, histories));
    double averaged =
        relativeError(
            generate(many, Sampling.Form.AUTO, histories),
            generate(manyOthers, Sampling.Form.AUTO, histories));
    assertThat(averaged).isLessThan(0.5 * apart);
  }

  @ParameterizedTest
  @EnumSource
  void gradientsAgreeWithFiniteDifferences(DiffusionLoss loss) {
    for (Denoiser denoiser : Denoiser.values()) {
      checkGradients(
          loss, builder(8, ElementType.FLOAT64).denoiser(denoiser).dropout(0.2).build(), batch(6));
      for (ItemViews views : new ItemViews[] {ItemViews.ID_AND_TEXT, ItemViews.TEXT_TWICE}) {
        DreamRec dual =
            dualViews(ElementType.FLOAT64, views).denoiser(denoiser).dropout(0.2).build();
        checkGradients(loss, dual, batch(6));
        checkGradients(loss, dual, batch(1));
      }
    }
  }

  private static DreamRec.Builder dualViews(ElementType type, ItemViews views) {
    return DreamRec.builder(DualViewTable.of(type, views, ITEMS, 8))
        .maxLength(5)
        .dropout(0)
        .schedule(NoiseSchedule.linear(200));
  }

  private static void checkGradients(DiffusionLoss loss, DreamRec model, PaddedBatch examples) {
    TrainingBatch batch = new TrainingBatch(examples, new int[0]);
    Gradients gradients = Gradients.of(model.parameters());
    Gradients ignored = Gradients.of(model.parameters());
    try (DreamRecObjective objective = (DreamRecObjective) model.objective(loss)) {
      objective.gradients(batch, new SplittableRandom(4), gradients);
      SplittableRandom pick = new SplittableRandom(8);
      for (String name : gradients.names()) {
        Tensor parameter = requireNonNull(model.parameters().get(name));
        for (int trial = 0; trial < 3; trial++) {
          int at = pick.nextInt(parameter.size());
          double value = parameter.get(at);
          double step = 1e-6;
          parameter.set(at, value + step);
          double above = objective.gradients(batch, new SplittableRandom(4), ignored);
          parameter.set(at, value - step);
          double below = objective.gradients(batch, new SplittableRandom(4), ignored);
          parameter.set(at, value);
          double expected = (above - below) / (2 * step);
          assertThat(gradients.get(name).get(at))
              .as("%s[%s] of %s", name, at, model)
              .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }

  /** Rows are twice as wide as the embedded time: vectors, noise and denoiser follow the rows. */
  @Test
  void generatesRowsOfTwoViewsInEveryForm() {
    int[][] histories = histories(20);
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      DreamRec model = dualViews(type, ItemViews.ID_AND_TEXT).sampling(Sampling.ddim(10)).build();
      assertThat(model.diffusion().get("none").shape()).containsExactly(1, 16);
      assertThat(model.diffusion().get("denoiser.weight").shape()).containsExactly(16, 40);
      Tensor expected = generate(model, Sampling.Form.NAIVE, histories);
      assertThat(expected.shape()).containsExactly(20, 16);
      for (Sampling.Form form : Sampling.Form.values()) {
        assertThat(relativeError(generate(model, form, histories), expected))
            .isLessThan(type == ElementType.FLOAT32 ? 1e-5 : 1e-12);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isSavedAndLoaded(Denoiser denoiser) {
    DreamRec model =
        builder(16, ElementType.FLOAT32)
            .denoiser(denoiser)
            .schedule(NoiseSchedule.cosine(40))
            .sampling(Sampling.ddim(8).withGuidance(2).withSamples(2))
            .vocabulary(
                ItemVocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "item-" + i).toList()))
            .build();
    Path file = folder.resolve("model.zip");
    model.save(file);
    DreamRec loaded = DreamRec.load(file);
    assertThat(loaded.toString()).isEqualTo(model.toString());
    assertThat(loaded.vocabulary()).isEqualTo(model.vocabulary());
    int[][] histories = histories(4);
    try (DreamRecScorer before = model.scorer();
        DreamRecScorer after = loaded.scorer()) {
      assertThat(after.score(histories).floats()).isEqualTo(before.score(histories).floats());
    }
  }

  @Test
  void ranksAlikeInBatchesOfAnySize() {
    DreamRec model = builder(16, ElementType.FLOAT64).sampling(Sampling.ddim(10)).build();
    int[][] histories = histories(60);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int b = 0; b < histories.length; b++) {
      examples.add("user " + b, histories[b], b % ITEMS);
    }
    int[] expected = Evaluator.fullRanking().evaluate(model, examples.build()).ranks();
    for (int size : new int[] {1, 7}) {
      assertThat(Evaluator.fullRanking().batchSize(size).evaluate(model, examples.build()).ranks())
          .isEqualTo(expected);
    }
  }

  @Test
  void closingWaitsForCallsUnderWay() throws Exception {
    int[][] histories = histories(20);
    for (Sampling.Form form : Sampling.Form.values()) {
      DreamRecScorer scorer =
          builder(16, ElementType.FLOAT32)
              .sampling(Sampling.ddim(10).withForm(form))
              .build()
              .scorer();
      ExecutorService pool = Executors.newFixedThreadPool(4);
      try {
        List<Future<Boolean>> ended = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          ended.add(pool.submit(() -> scoresUntilClosed(scorer, histories)));
        }
        Thread.sleep(100);
        scorer.close();
        for (Future<Boolean> end : ended) {
          assertThat(end.get(60, TimeUnit.SECONDS)).isTrue();
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  private static boolean scoresUntilClosed(DreamRecScorer scorer, int[][] histories) {
    try {
      while (true) {
        assertThat(scorer.score(histories).firstNonFinite()).isNegative();
      }
    } catch (IllegalStateException closed) {
      return "this scorer is closed".equals(closed.getMessage());
    }
  }

  @Test
  void isNotUsedAfterItIsClosed() {
    int[][] histories = histories(2);
    DreamRecScorer scorer = builder(16, ElementType.FLOAT32).build().scorer();
    Tensor vectors = scorer.generate(histories);
    scorer.close();
    scorer.close();
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> scorer.score(histories),
            () -> scorer.generate(histories),
            () -> scorer.generate(histories, vectors),
            () -> scorer.conditions(histories),
            () -> scorer.scoreVectors(vectors))) {
      assertThatIllegalStateException().isThrownBy(use).withMessage("this scorer is closed");
    }
  }

  @Test
  void rejectsAFileWhoseItemsAreOfAnotherWidthThanItsEncoder() {
    DreamRec narrow = builder(8, ElementType.FLOAT32).build();
    DreamRec wide = builder(16, ElementType.FLOAT32).build();
    Path file = folder.resolve("mixed.zip");
    try (ArchiveWriter writer = ArchiveWriter.create(file, DreamRec.FORMAT)) {
      writer.setting("itemEmbedding", narrow.items().kind());
      wide.encoder().write(writer.section("encoder"));
      narrow.items().write(writer.section("items"));
      writer.commit();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DreamRec.load(file))
        .withMessage(file + ": items must be of dimension 16 as the encoder, found 8");
  }

  @Test
  void checksItsOptions() {
    DreamRec.Builder builder = builder(8, ElementType.FLOAT32);
    for (double outside : new double[] {1, 1.5, -0.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.conditionDropout(outside))
          .withMessage("conditionDropout must lie in [0, 1), found " + outside);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(0))
        .withMessage("stride must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(10).withGuidance(Double.NaN))
        .withMessage("guidance must be finite and at least 0, found NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(8, ElementType.FLOAT32).build().withSampling(Sampling.ddim(30)))
        .withMessageContaining("the nearest that do are 25 and 40");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(10).withGuidance(-1))
        .withMessage("guidance must be finite and at least 0, found -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(10).withSamples(0))
        .withMessage("samples must be from 1 to 10000, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.sampling(Sampling.ddim(30)).build())
        .withMessageContaining("the nearest that do are 25 and 40");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DiffusionLoss.named("l3"))
        .withMessage("diffusion loss must be l2, l1 or huber, found 'l3'");
  }
}
