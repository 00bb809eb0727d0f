package io.github.alphafuse.core.embedding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A user's own graph on item rows: a logistic model of pairs of items. */
class GraphItemRowsTest {
  private static final int[] FIRST = {0, 3, 3, 5, 1, 3};
  private static final int[] SECOND = {2, 2, 4, 5, 0, 5};
  private static final double[] LABELS = {1, 0, 1, 0, 0, 1};

  /** Mean of log(1 + exp(-y s)), s = sum(w a b), y = +-1. */
  private static double loss(ItemEmbedding items, double[] weights) {
    int d = items.dim();
    Tensor a = Tensor.zeros(ElementType.FLOAT64, FIRST.length, d);
    Tensor b = Tensor.zeros(ElementType.FLOAT64, FIRST.length, d);
    items.gather(FIRST, a);
    items.gather(SECOND, b);
    double loss = 0;
    for (int i = 0; i < FIRST.length; i++) {
      double score = 0;
      for (int j = 0; j < d; j++) {
        score += weights[j] * a.get(i * d + j) * b.get(i * d + j);
      }
      loss += Math.log1p(Math.exp(-(2 * LABELS[i] - 1) * score)) / FIRST.length;
    }
    return loss;
  }

  @Test
  void bringsGradientsOfAUsersGraphBackToTheTables() {
    FusedItemEmbedding items =
        FusedItemEmbedding.ofProjected(RandomNumbers.tensor(ElementType.FLOAT64, 1, 6, 4), 3, false)
            .idInitializer(IdInitializer.normal())
            .elementType(ElementType.FLOAT64)
            .build();
    double[] weights = RandomNumbers.gaussian(2, 4);
    SameDiff graph = SameDiff.create();
    GraphItemRows first = GraphItemRows.placeholder(graph, items, "first");
    GraphItemRows second = GraphItemRows.placeholder(graph, items, "second");
    SDVariable w = graph.var("w", Tensor.of(weights, 1, 4).toNd4j());
    SDVariable labels = graph.placeHolder("labels", Tensor.nd4jType(ElementType.FLOAT64));
    SDVariable score = first.variable().mul(second.variable()).mul(w).sum(true, 1);
    SDVariable signed = score.mul(labels.mul(2).sub(1)).neg();
    SDVariable loss = graph.math().log(graph.math().exp(signed).add(1)).mean("loss");
    graph.setLossVariables(loss);
    graph.createGradFunction("first", "second");

    Gradients gradients = Gradients.of(items.parameters());
    Map<String, INDArray> fed =
        Map.of(
            "first",
            first.gather(FIRST, FIRST.length),
            "second",
            second.gather(SECOND, SECOND.length),
            "labels",
            Tensor.of(LABELS.clone(), LABELS.length, 1).toNd4j());
    Map<String, INDArray> found = graph.calculateGradients(fed, "first", "second", "w");
    first.accumulate(FIRST, requireNonNull(found.get("first")), gradients);
    second.accumulate(SECOND, requireNonNull(found.get("second")), gradients);

    double step = 1e-6;
    Tensor table = requireNonNull(items.parameters().get(FusedItemEmbedding.ID_TABLE));
    for (int i = 0; i < table.size(); i++) {
      double start = table.get(i);
      table.set(i, start + step);
      double up = loss(items, weights);
      table.set(i, start - step);
      double down = loss(items, weights);
      table.set(i, start);
      assertThat(gradients.get(FusedItemEmbedding.ID_TABLE).get(i))
          .isCloseTo((up - down) / (2 * step), within(1e-8));
    }
    Tensor weightGradient = Tensor.copyOf(requireNonNull(found.get("w")));
    for (int j = 0; j < weights.length; j++) {
      double start = weights[j];
      weights[j] = start + step;
      double up = loss(items, weights);
      weights[j] = start - step;
      double down = loss(items, weights);
      weights[j] = start;
      assertThat(weightGradient.get(j)).isCloseTo((up - down) / (2 * step), within(1e-8));
    }
  }

  @Test
  void feedsRowsInTheShapeThatIsAskedFor() {
    IdItemEmbedding items = IdItemEmbedding.builder(5, 3).build();
    GraphItemRows rows = GraphItemRows.placeholder(SameDiff.create(), items, "rows");
    assertThat(rows.variable().name()).isEqualTo("rows");
    try (INDArray fed = rows.gather(new int[] {0, 1, 2, 3, 4, 5}, 2, 3)) {
      assertThat(fed.shape()).containsExactly(2, 3, 3);
      assertThat(fed.getFloat(1, 0, 2)).isEqualTo(items.table().floats()[3 * 3 + 2]);
      Gradients gradients = Gradients.of(items.parameters());
      rows.accumulate(new int[] {0, 0, 0, 0, 0, 5}, fed.permute(0, 1, 2), gradients);
      assertThat(gradients.get(IdItemEmbedding.TABLE).firstRows(1).floats()[0]).isNotZero();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rows.gather(new int[5], 2, 3))
        .withMessage("axes [2, 3] do not hold 5 ids");
    assertThatIllegalArgumentException().isThrownBy(() -> rows.gather(new int[] {6}, 1));
  }
}
