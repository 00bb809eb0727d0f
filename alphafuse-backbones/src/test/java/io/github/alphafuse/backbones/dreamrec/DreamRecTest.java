package io.github.alphafuse.backbones.dreamrec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

class DreamRecTest {
  private static final int ITEMS = 40;

  @TempDir private Path folder;

  private static DreamRec.Builder builder(int dim, DataType type) {
    SplittableRandom random = new SplittableRandom(5);
    Tensor language = Tensor.zeros(DataType.DOUBLE, ITEMS, dim);
    for (int i = 0; i < language.size(); i++) {
      language.set(i, random.nextGaussian());
    }
    FusedItemEmbedding items =
        FusedItemEmbedding.ofProjected(language, dim / 2, false)
            .idInitializer(IdInitializer.normal())
            .dataType(type)
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
    DreamRec model = builder(64, DataType.FLOAT).sampling(Sampling.ddim(10)).build();
    int[][] histories = histories(200);
    Tensor expected = generate(model, Sampling.Form.NAIVE, histories);
    assertThat(relativeError(generate(model, form, histories), expected)).isLessThan(1e-5);
  }

  @Test
  void ancestralSamplingIsTheSameInBothForms() {
    DreamRec model = builder(16, DataType.DOUBLE).sampling(Sampling.ddpm()).build();
    int[][] histories = histories(8);
    Tensor expected = generate(model, Sampling.Form.NAIVE, histories);
    assertThat(relativeError(generate(model, Sampling.Form.AUTO, histories), expected))
        .isLessThan(1e-9);
  }

  @Test
  void noiseOfAUserDoesNotDependOnTheBatch() {
    for (Sampling sampling : new Sampling[] {Sampling.ddim(10), Sampling.ddpm().withSamples(2)}) {
      DreamRec model = builder(16, DataType.DOUBLE).sampling(sampling).build();
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
    Tensor first = generate(builder(16, DataType.FLOAT).build(), Sampling.Form.AUTO, histories);
    Tensor again = generate(builder(16, DataType.FLOAT).build(), Sampling.Form.AUTO, histories);
    Tensor other =
        generate(
            builder(16, DataType.FLOAT).samplingSeed(3).build(), Sampling.Form.AUTO, histories);
    assertThat(again.floats()).isEqualTo(first.floats());
    assertThat(other.floats()).isNotEqualTo(first.floats());
  }

  @Test
  void averagingSamplesDrawsThemCloserTogether() {
    int[][] histories = histories(30);
    DreamRec one = builder(16, DataType.DOUBLE).build();
    DreamRec many = one.withSampling(one.sampling().withSamples(16));
    DreamRec manyOthers =
        builder(16, DataType.DOUBLE)
            .samplingSeed(99)
            .sampling(one.sampling().withSamples(16))
            .build();
    DreamRec oneOther = builder(16, DataType.DOUBLE).samplingSeed(99).build();
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
      DreamRec model = builder(8, DataType.DOUBLE).denoiser(denoiser).dropout(0.2).build();
      TrainingBatch batch = new TrainingBatch(batch(6), new int[0]);
      Gradients gradients = Gradients.of(model.parameters());
      Gradients ignored = Gradients.of(model.parameters());
      try (DreamRecObjective objective = model.objective(loss)) {
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
                .as("%s[%s] with %s", name, at, denoiser)
                .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isSavedAndLoaded(Denoiser denoiser) {
    DreamRec model =
        builder(16, DataType.FLOAT)
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
  void checksItsOptions() {
    DreamRec.Builder builder = builder(8, DataType.FLOAT);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.conditionDropout(1))
        .withMessage("conditionDropout must lie in [0, 1), found 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(10).withGuidance(-1))
        .withMessage("guidance must be finite and at least 0, found -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampling.ddim(10).withSamples(0))
        .withMessage("samples must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.sampling(Sampling.ddim(30)).build())
        .withMessageContaining("the nearest that do are 25 and 40");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(8, DataType.FLOAT).build().objective(InfoNce.withNegatives(4)))
        .withMessageContaining("DreamRec is trained with a diffusion loss");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DiffusionLoss.named("l3"))
        .withMessage("diffusion loss must be l2, l1 or huber, found 'l3'");
  }
}
