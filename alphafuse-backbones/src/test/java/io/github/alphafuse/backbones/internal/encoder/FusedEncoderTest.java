package io.github.alphafuse.backbones.internal.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused encoder by itself against the graph; its gradients are tested with the models. */
class FusedEncoderTest {
  private static final int ITEMS = 30;

  private static EncoderWeights weights(int dim, int length, int heads) {
    return EncoderReferenceTest.randomWeights(
        EncoderConfig.builder(dim).maxLength(length).heads(heads).dropout(0.4).build(),
        ElementType.FLOAT32);
  }

  private static ItemEmbedding items(int dim) {
    return IdItemEmbedding.builder(ITEMS, dim).build();
  }

  private static PaddedBatch padded(int length, int[]... histories) {
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int b = 0; b < histories.length; b++) {
      examples.add("user " + b, histories[b], 0);
    }
    return examples.build().batch(IntStream.range(0, histories.length).toArray(), length);
  }

  private static Tensor byGraph(EncoderWeights weights, PaddedBatch batch) {
    int dim = weights.config().dim();
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, batch.histories().length, dim);
    items(dim).gather(batch.histories(), rows);
    boolean[] padded = new boolean[batch.histories().length];
    for (int i = 0; i < padded.length; i++) {
      padded[i] = batch.histories()[i] == batch.padding();
    }
    try (SameDiffEncoder encoder = SameDiffEncoder.of(weights)) {
      return encoder.encode(rows.reshape(batch.size(), batch.length(), dim), padded);
    }
  }

  /** Encodes what has begun, in parts, the last first. */
  private static Tensor encode(FusedEncoder encoder, int dim, int... borders) {
    ItemEmbedding items = items(dim);
    for (int part = borders.length - 2; part >= 0; part--) {
      int from = borders[part];
      int to = borders[part + 1];
      items.gather(encoder.items(from, to), encoder.rows(), encoder.firstRow(from));
      encoder.forward(from, to);
    }
    return encoder.users().firstRows(borders[borders.length - 1]);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 5, 1, 1",
    "8, 5, 2, 2",
    "8, 5, 4, 1",
    "24, 1, 2, 3",
    "9, 12, 3, 1",
    "64, 10, 8, 2"
  })
  void encodesAsTheGraphDoes(int dim, int length, int heads, int blocks) {
    EncoderWeights weights =
        EncoderWeights.initial(
            EncoderConfig.builder(dim).maxLength(length).heads(heads).blocks(blocks).build(),
            ElementType.FLOAT32,
            1);
    SplittableRandom random = new SplittableRandom(2);
    try (FusedEncoder encoder = FusedEncoder.forInference(weights)) {
      for (int size : new int[] {3, 20, 1, 20}) {
        int[][] histories = EngineCases.histories(random, size, new int[] {ITEMS, length + 3});
        PaddedBatch batch = padded(length, histories);
        Tensor expected = byGraph(weights, batch);
        encoder.begin(batch, new SplittableRandom(0));
        Tensor fromPadded = encode(encoder, dim, 0, size / 3, size);
        assertThat(EngineCases.error(fromPadded, expected)).isLessThan(1e-5);
        encoder.begin(histories);
        // Products of other sizes are summed in another order.
        assertThat(EngineCases.error(encode(encoder, dim, 0, size), fromPadded)).isLessThan(2e-6);
        assertThat(encoder.firstRow(0)).isZero();
        assertThat(encoder.items(0, size)).hasSize(encoder.firstRow(size)).doesNotContain(ITEMS);
      }
    }
  }

  @Test
  void dropsInTrainingOnly() {
    EncoderWeights weights = weights(8, 5, 2);
    int[][] histories = {{1, 2, 3}, {4}};
    PaddedBatch batch = padded(5, histories);
    Tensor expected = byGraph(weights, batch);
    try (FusedEncoder training = FusedEncoder.forTraining(weights, Positions.LAST);
        FusedEncoder inference = FusedEncoder.forInference(weights)) {
      inference.begin(batch, new SplittableRandom(1));
      assertThat(EngineCases.error(encode(inference, 8, 0, 2), expected)).isLessThan(1e-5);
      training.begin(batch, new SplittableRandom(1));
      Tensor dropped = encode(training, 8, 0, 2);
      assertThat(EngineCases.error(dropped, expected)).isGreaterThan(1e-2);
      training.begin(batch, new SplittableRandom(1));
      assertThat(encode(training, 8, 0, 2).floats()).isEqualTo(dropped.floats());
      training.begin(batch, new SplittableRandom(1));
      assertThat(EngineCases.error(encode(training, 8, 0, 1, 2), dropped)).isLessThan(2e-6);
      training.begin(batch, new SplittableRandom(2));
      assertThat(EngineCases.error(encode(training, 8, 0, 2), dropped)).isGreaterThan(1e-2);
    }
  }

  @Test
  void sharedEncodersHaveBuffersOfTheirOwn() {
    EncoderWeights weights = weights(8, 5, 2);
    int[][] some = {{1, 2, 3}, {4}};
    int[][] others = {{5}, {6, 7}};
    try (FusedEncoder first = FusedEncoder.forInference(weights)) {
      try (FusedEncoder second = first.share()) {
        first.begin(some);
        second.begin(others);
        Tensor ofFirst = encode(first, 8, 0, 2);
        Tensor ofSecond = encode(second, 8, 0, 2);
        assertThat(first.users().firstRows(2).floats()).isEqualTo(ofFirst.floats());
        assertThat(EngineCases.error(ofFirst, byGraph(weights, padded(5, some)))).isLessThan(1e-5);
        assertThat(EngineCases.error(ofSecond, byGraph(weights, padded(5, others))))
            .isLessThan(1e-5);
      }
      // The weights live on after one that shared them is closed.
      first.begin(some);
      assertThat(EngineCases.error(encode(first, 8, 0, 2), byGraph(weights, padded(5, some))))
          .isLessThan(1e-5);
    }
  }

  @Test
  void takesOverWeightsWhenItIsRefreshed() {
    EncoderWeights weights = weights(8, 5, 2);
    int[][] histories = {{1, 2, 3}, {4}};
    try (FusedEncoder encoder = FusedEncoder.forInference(weights)) {
      for (String layer : new String[] {"query", "key", "value", "inner", "outer"}) {
        Tensor weight = weights.get(EncoderWeights.block(0, layer) + ".weight");
        for (int i = 0; i < weight.size(); i++) {
          weight.set(i, -0.5 * weight.get(i) + 0.1);
        }
        encoder.refresh();
        encoder.begin(histories);
        assertThat(
                EngineCases.error(encode(encoder, 8, 0, 2), byGraph(weights, padded(5, histories))))
            .as(layer)
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void refusesWhatItCannotCompute() {
    EncoderWeights exact =
        EncoderWeights.initial(EncoderConfig.builder(8).build(), ElementType.FLOAT64, 1);
    assertThat(FusedEncoder.supports(exact)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FusedEncoder.forTraining(exact, Positions.LAST))
        .withMessage(
            "the fused engine takes items of one view in float32 on the CPU backend, found "
                + exact.config());
    assertThat(FusedEncoder.supports(weights(8, 5, 2))).isTrue();
  }

  @Test
  void rejectsHistoriesThatEndWithPadding() {
    try (FusedEncoder encoder = FusedEncoder.forInference(weights(8, 2, 2))) {
      PaddedBatch batch = padded(2, new int[][] {{1}, {2}});
      batch.histories()[3] = ITEMS;
      assertThatIllegalArgumentException()
          .isThrownBy(() -> encoder.begin(batch, new SplittableRandom(1)))
          .withMessage("history 1 must end with an item, found padding");
    }
  }

  @Test
  void mustBeginFirst() {
    try (FusedEncoder encoder = FusedEncoder.forInference(weights(8, 2, 2))) {
      assertThatIllegalStateException()
          .isThrownBy(encoder::users)
          .withMessage("begin must be called first");
    }
  }
}
