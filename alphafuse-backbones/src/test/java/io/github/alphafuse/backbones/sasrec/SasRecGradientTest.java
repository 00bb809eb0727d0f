package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.fixture.DualViewTable;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of whole models, in float64, against finite differences of their losses. */
class SasRecGradientTest {
  private static final int ITEMS = 9;
  private static final double STEP = 1e-6;

  enum Losses {
    INNER_PRODUCTS(FullSoftmax.ofInnerProducts()),
    COSINES(FullSoftmax.ofCosines(0.2)),
    BCE(BinaryCrossEntropy.withNegatives(3)),
    BCE_ONE(BinaryCrossEntropy.withNegatives(1)),
    INFO_NCE(InfoNce.withNegatives(3).temperature(0.2)),
    INFO_NCE_ONE(InfoNce.withNegatives(1));

    private final RankingLoss loss;

    Losses(RankingLoss loss) {
      this.loss = loss;
    }
  }

  enum Rows {
    FUSED,
    IDS,
    ID_AND_TEXT,
    TEXT_TWICE
  }

  record Case(
      Losses loss, int heads, int blocks, double dropout, int length, int batch, Rows rows) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Losses loss : Losses.values()) {
      int heads = loss.ordinal() % 2 + 1;
      cases.add(new Case(loss, heads, 1, 0, 4, 5, Rows.FUSED));
      cases.add(new Case(loss, heads, 2, 0.3, 4, 5, Rows.IDS));
      // The rest at the end of an epoch may be one example.
      cases.add(new Case(loss, heads, 1, 0.3, 4, 1, Rows.FUSED));
      cases.add(new Case(loss, heads, 2, 0, 1, 1, Rows.FUSED));
    }
    for (int heads : new int[] {1, 2, 4}) {
      for (int blocks = 1; blocks <= 3; blocks += heads == 2 ? 1 : 2) {
        cases.add(new Case(Losses.INFO_NCE, heads, blocks, 0.2, 3, 4, Rows.FUSED));
      }
    }
    for (Rows rows : new Rows[] {Rows.ID_AND_TEXT, Rows.TEXT_TWICE}) {
      cases.add(new Case(Losses.INFO_NCE, 1, 1, 0, 4, 5, rows));
      cases.add(new Case(Losses.COSINES, 2, 1, 0.3, 4, 5, rows));
      cases.add(new Case(Losses.BCE, 2, 2, 0.3, 4, 3, rows));
      cases.add(new Case(Losses.INNER_PRODUCTS, 4, 1, 0.3, 4, 1, rows));
      cases.add(new Case(Losses.INFO_NCE_ONE, 1, 1, 0.3, 1, 1, rows));
      cases.add(new Case(Losses.INFO_NCE, 1, 2, 0.3, 1, 4, rows));
    }
    return cases.stream();
  }

  private static ItemEmbedding items(Rows rows, int dim) {
    return switch (rows) {
      case FUSED ->
          FusedItemEmbedding.ofProjected(
                  RandomNumbers.tensor(ElementType.FLOAT64, 1, ITEMS, dim), dim / 2, false)
              .idInitializer(IdInitializer.normal())
              .elementType(ElementType.FLOAT64)
              .build();
      case IDS -> IdItemEmbedding.builder(ITEMS, dim).elementType(ElementType.FLOAT64).build();
      case ID_AND_TEXT -> DualViewTable.of(ElementType.FLOAT64, ItemViews.ID_AND_TEXT, ITEMS, dim);
      case TEXT_TWICE -> DualViewTable.of(ElementType.FLOAT64, ItemViews.TEXT_TWICE, ITEMS, dim);
    };
  }

  private static SasRec model(Case how) {
    SasRec model =
        SasRec.builder(items(how.rows, 8))
            .maxLength(how.length)
            .heads(how.heads)
            .blocks(how.blocks)
            .dropout(how.dropout)
            .build();
    SplittableRandom random = new SplittableRandom(9);
    model
        .encoder()
        .asMap()
        .values()
        .forEach(
            weight -> {
              for (int i = 0; i < weight.size(); i++) {
                weight.set(i, weight.get(i) + 0.2 * random.nextGaussian());
              }
            });
    return model;
  }

  /** Histories of all lengths with repeated items; targets that are in histories too. */
  static TrainingBatch batch(int batch, int length, int negatives) {
    SplittableRandom random = new SplittableRandom(7);
    Examples.Builder examples = Examples.builder(ITEMS);
    int[] chosen = new int[batch];
    for (int b = 0; b < batch; b++) {
      int[] history = new int[1 + (b + 1) % (length + 2)];
      for (int i = 0; i < history.length; i++) {
        history[i] = random.nextInt(4);
      }
      examples.add("user " + b, history, random.nextInt(ITEMS));
      chosen[b] = b;
    }
    var padded = examples.build().batch(chosen, length);
    return new TrainingBatch(
        padded,
        negatives == 0
            ? new int[0]
            : NegativeSampler.uniform(ITEMS).sample(padded.targets(), negatives, random));
  }

  private static double loss(
      Objective<TrainingBatch> objective, TrainingBatch batch, SasRec model) {
    return objective.gradients(batch, new SplittableRandom(5), Gradients.of(model.parameters()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithFiniteDifferences(Case how) {
    SasRec model = model(how);
    RankingLoss loss = how.loss.loss;
    TrainingBatch batch = batch(how.batch, how.length, loss.negatives());
    Gradients gradients = Gradients.of(model.parameters());
    SplittableRandom random = new SplittableRandom(13);
    try (Objective<TrainingBatch> objective = model.objective(loss)) {
      objective.gradients(batch, new SplittableRandom(5), gradients);
      // A direction for each layer, its weight and bias together.
      Map<String, Map<String, double[]>> layers = new LinkedHashMap<>();
      model
          .encoder()
          .asMap()
          .forEach(
              (name, weight) ->
                  layers
                      .computeIfAbsent(
                          name.replaceAll("\\.(weight|bias)$", ""), layer -> new LinkedHashMap<>())
                      .put(name, gaussian(random, weight.size(), weight.size())));
      layers
          .values()
          .forEach(
              direction -> check(model, gradients, direction, () -> loss(objective, batch, model)));
      String table = requireNonNull(model.items().parameters().keySet().asList().get(0));
      Tensor gradient = gradients.get(table);
      int size = ITEMS * gradient.shape(1);
      double[] one = new double[gradient.size()];
      one[random.nextInt(size)] = 1;
      for (double[] direction : List.of(gaussian(random, gradient.size(), size), one)) {
        check(model, gradients, Map.of(table, direction), () -> loss(objective, batch, model));
      }
      for (int i = size; i < gradient.size(); i++) {
        assertThat(gradient.get(i)).as("gradient of the padding row").isZero();
      }
    }
  }

  /** Random numbers, then zeros for the padding row of a table. */
  private static double[] gaussian(SplittableRandom random, int size, int filled) {
    double[] direction = new double[size];
    for (int i = 0; i < filled; i++) {
      direction[i] = random.nextGaussian();
    }
    return direction;
  }

  private static void check(
      SasRec model, Gradients gradients, Map<String, double[]> directions, DoubleSupplier loss) {
    Map<String, Tensor> start = new LinkedHashMap<>();
    double found = 0;
    for (Map.Entry<String, double[]> entry : directions.entrySet()) {
      start.put(entry.getKey(), requireNonNull(model.parameters().get(entry.getKey())).copy());
      for (int i = 0; i < entry.getValue().length; i++) {
        found += gradients.get(entry.getKey()).get(i) * entry.getValue()[i];
      }
    }
    double up = move(model, start, directions, STEP, loss);
    double down = move(model, start, directions, -STEP, loss);
    move(model, start, directions, 0, () -> 0);
    double expected = (up - down) / (2 * STEP);
    assertThat(found)
        .as(directions.keySet().toString())
        .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
  }

  private static double move(
      SasRec model,
      Map<String, Tensor> start,
      Map<String, double[]> directions,
      double step,
      DoubleSupplier loss) {
    directions.forEach(
        (name, direction) -> {
          Tensor weight = requireNonNull(model.parameters().get(name));
          for (int i = 0; i < direction.length; i++) {
            weight.set(i, requireNonNull(start.get(name)).get(i) + step * direction[i]);
          }
        });
    return loss.getAsDouble();
  }

  @Test
  void dropoutComesFromTheRandomNumbersItIsGiven() {
    SasRec model = model(new Case(Losses.BCE, 2, 2, 0.4, 4, 5, Rows.FUSED));
    TrainingBatch batch = batch(5, 4, 3);
    try (Objective<TrainingBatch> objective = model.objective(Losses.BCE.loss)) {
      Gradients gradients = Gradients.of(model.parameters());
      double first = objective.gradients(batch, new SplittableRandom(1), gradients);
      assertThat(objective.gradients(batch, new SplittableRandom(1), gradients)).isEqualTo(first);
      assertThat(objective.gradients(batch, new SplittableRandom(2), gradients))
          .isNotEqualTo(first);
    }
  }

  /** Item rows that are so large that every probability is 0 or 1. */
  @ParameterizedTest
  @EnumSource
  void staysFiniteWhereLogitsAreExtreme(Losses how) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      for (double size : new double[] {1e3, 1e4}) {
        Tensor rows = RandomNumbers.tensor(type, 2, ITEMS, 8);
        for (int i = 0; i < rows.size(); i++) {
          rows.set(i, Math.signum(rows.get(i)) * size);
        }
        SasRec model =
            SasRec.builder(IdItemEmbedding.builder(ITEMS, 8).rows(rows).elementType(type).build())
                .maxLength(4)
                .dropout(0)
                .build();
        TrainingBatch batch = batch(7, 4, how.loss.negatives());
        Gradients gradients = Gradients.of(model.parameters());
        try (Objective<TrainingBatch> objective = model.objective(how.loss)) {
          double value = objective.gradients(batch, new SplittableRandom(1), gradients);
          assertThat(value).isFinite().isNotNegative();
          assertThat(gradients.firstNonFinite()).isEmpty();
        }
      }
    }
  }

  /** Item rows of zeros: every inner product is 0, every cosine as good as 0. */
  @ParameterizedTest
  @EnumSource
  void staysFiniteForRowsOfZeros(Losses how) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      SasRec model =
          SasRec.builder(
                  IdItemEmbedding.builder(ITEMS, 8)
                      .initializer(IdInitializer.zeros())
                      .elementType(type)
                      .build())
              .maxLength(4)
              .dropout(0)
              .build();
      TrainingBatch batch = batch(7, 4, how.loss.negatives());
      Gradients gradients = Gradients.of(model.parameters());
      try (Objective<TrainingBatch> objective = model.objective(how.loss)) {
        double value = objective.gradients(batch, new SplittableRandom(1), gradients);
        int candidates = how.loss.negatives() == 0 ? ITEMS : 1 + how.loss.negatives();
        double expected =
            how.loss instanceof BinaryCrossEntropy ? 2 * Math.log(2) : Math.log(candidates);
        assertThat(value).isCloseTo(expected, within(1e-5));
        assertThat(gradients.firstNonFinite()).isEmpty();
      }
    }
  }

  /** At inner products of exactly 0 the gradient of the target's row is -user / 2 / B. */
  @Test
  void binaryCrossEntropyLearnsFromRowsOfZeros() {
    SasRec model =
        SasRec.builder(
                IdItemEmbedding.builder(ITEMS, 8)
                    .initializer(IdInitializer.zeros())
                    .elementType(ElementType.FLOAT64)
                    .build())
            .maxLength(4)
            .dropout(0)
            .build();
    Examples.Builder examples = Examples.builder(ITEMS);
    examples.add("user", new int[] {1, 2}, 3);
    TrainingBatch batch =
        new TrainingBatch(examples.build().batch(new int[] {0}, 4), new int[] {5});
    Gradients gradients = Gradients.of(model.parameters());
    double[] user;
    try (SasRecScorer scorer = model.scorer()) {
      user = scorer.userVectors(new int[][] {{1, 2}}).doubles();
    }
    try (Objective<TrainingBatch> objective =
        model.objective(BinaryCrossEntropy.withNegatives(1))) {
      objective.gradients(batch, new SplittableRandom(1), gradients);
    }
    Tensor gradient = requireNonNull(gradients.get(IdItemEmbedding.TABLE));
    for (int j = 0; j < 8; j++) {
      assertThat(gradient.get(3 * 8 + j)).isCloseTo(-user[j] / 2, within(1e-12));
      assertThat(gradient.get(5 * 8 + j)).isCloseTo(user[j] / 2, within(1e-12));
    }
  }
}
