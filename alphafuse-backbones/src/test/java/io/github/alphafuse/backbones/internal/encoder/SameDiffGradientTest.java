package io.github.alphafuse.backbones.internal.encoder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gradients of each graph operation that models and losses are built from, in the shapes they are
 * used in, against finite differences in float64. Legend: B 3, L 4, d 6, H 2, e 3, K 5, N 7.
 */
class SameDiffGradientTest {
  private static final double STEP = 1e-6;

  private interface Definition {
    SDVariable of(SameDiff graph, SDVariable[] in);
  }

  private record Operation(String name, Definition definition, boolean positive, int[][] shapes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Operation op(String name, Definition definition, int[]... shapes) {
    return new Operation(name, definition, false, shapes);
  }

  private static Operation ofPositive(String name, Definition definition, int[]... shapes) {
    return new Operation(name, definition, true, shapes);
  }

  private static int[] s(int... shape) {
    return shape;
  }

  static Stream<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    int[][][] pairs = {
      {s(3, 6), s(3, 6)},
      {s(12, 6), s(6)},
      {s(12, 6), s(12, 1)},
      {s(3, 4, 6), s(4, 6)},
      {s(3, 4, 6), s(3, 4, 1)},
      {s(3, 4, 6), s(3, 4, 6)},
      {s(3, 2, 4), s(3, 2, 1)},
      {s(3, 2, 4), s(3, 1, 4)},
      {s(3, 2, 1), s(1, 2, 3)},
      {s(3, 2, 4, 4), s(3, 1, 4, 4)},
      {s(3, 2, 4, 4), s(3, 1, 4, 1)},
      {s(3, 1, 1, 4), s(1, 1, 4, 4)},
      {s(1, 6), s(1, 1)},
      {s(1, 1), s(1, 6)},
      {s(1, 1, 6), s(1, 1, 1)},
      {s(1, 1, 6), s(1, 6)},
      {s(3, 1), s(6)},
      {s(3, 1), s(3, 1)},
      {s(1, 1), s(1, 1)},
    };
    for (int[][] pair : pairs) {
      all.add(op("add", (g, in) -> in[0].add(in[1]), pair));
      all.add(op("sub", (g, in) -> in[0].sub(in[1]), pair));
      all.add(op("mul", (g, in) -> in[0].mul(in[1]), pair));
    }
    all.add(op("add a number", (g, in) -> in[0].add(2.5), s(3, 6)));
    all.add(op("mul by a number", (g, in) -> in[0].mul(2.5), s(3, 2, 4)));
    all.add(op("neg", (g, in) -> in[0].neg(), s(3, 1)));
    all.add(op("abs", (g, in) -> g.math().abs(in[0]), s(3, 5)));
    all.add(op("exp", (g, in) -> g.math().exp(in[0]), s(3, 5)));
    all.add(ofPositive("log", (g, in) -> g.math().log(in[0]), s(3, 5)));
    all.add(op("mul itself", (g, in) -> in[0].mul(in[0]), s(12, 6)));
    all.add(op("mul itself", (g, in) -> in[0].mul(in[0]), s(3, 5, 6)));
    all.add(op("mul itself", (g, in) -> in[0].mul(in[0]), s(1, 6)));
    all.add(ofPositive("rsqrt", (g, in) -> g.math().rsqrt(in[0]), s(12, 1)));
    all.add(ofPositive("rsqrt", (g, in) -> g.math().rsqrt(in[0]), s(1, 1)));
    all.add(ofPositive("rsqrt", (g, in) -> g.math().rsqrt(in[0]), s(3, 5)));
    all.add(op("relu", (g, in) -> g.nn().relu(in[0], 0), s(12, 6)));
    for (int[] shape : new int[][] {s(3, 6), s(12, 6), s(1, 6), s(2, 2)}) {
      all.add(op("mean kept axis 1", (g, in) -> in[0].mean(true, 1), shape));
      all.add(op("sum kept axis 1", (g, in) -> in[0].sum(true, 1), shape));
      all.add(op("mean of all", (g, in) -> in[0].mean(), shape));
      all.add(op("max kept axis 1", (g, in) -> in[0].max(true, 1), shape));
    }
    for (int[] shape : new int[][] {s(3, 2, 4), s(1, 1, 4), s(3, 2, 1), s(3, 5, 6), s(1, 1, 1)}) {
      all.add(op("sum kept axis 2", (g, in) -> in[0].sum(true, 2), shape));
      all.add(op("max kept axis 2", (g, in) -> in[0].max(true, 2), shape));
      all.add(op("sum axis 2", (g, in) -> in[0].sum(2), shape));
      all.add(op("softmax last axis", (g, in) -> g.nn().softmax(in[0], -1), shape));
    }
    all.add(op("max kept axis 3", (g, in) -> in[0].max(true, 3), s(3, 2, 4, 4)));
    all.add(op("max kept axis 3", (g, in) -> in[0].max(true, 3), s(3, 2, 1, 1)));
    all.add(op("softmax rank 4", (g, in) -> g.nn().softmax(in[0], -1), s(3, 2, 4, 4)));
    for (int[] shape : new int[][] {s(3, 4, 6), s(1, 4, 6), s(3, 1, 6), s(1, 1, 1)}) {
      int last = shape[1] - 1;
      all.add(
          op(
              "last position",
              (g, in) -> in[0].get(SDIndex.all(), SDIndex.point(last), SDIndex.all()),
              shape));
    }
    all.add(op("mmul", (g, in) -> in[0].mmul(in[1]), s(3, 6), s(6, 6)));
    all.add(op("mmul one row", (g, in) -> in[0].mmul(in[1]), s(1, 6), s(6, 6)));
    all.add(op("mmul t", (g, in) -> g.mmul(in[0], in[1], false, true, false), s(12, 6), s(7, 6)));
    all.add(
        op("mmul t row", (g, in) -> g.mmul(in[0], in[1], false, true, false), s(1, 6), s(6, 6)));
    all.add(
        op("mmul t two", (g, in) -> g.mmul(in[0], in[1], false, true, false), s(1, 6), s(2, 6)));
    all.add(op("mmul 3", (g, in) -> in[0].mmul(in[1]), s(2, 3, 3), s(2, 3, 6)));
    all.add(op("mmul 3 weights", (g, in) -> in[0].mmul(in[1]), s(3, 2, 4), s(3, 4, 6)));
    all.add(op("mmul 3 column", (g, in) -> in[0].mmul(in[1]), s(3, 5, 6), s(3, 6, 1)));
    all.add(op("mmul 3 single", (g, in) -> in[0].mmul(in[1]), s(1, 1, 6), s(1, 6, 1)));
    all.add(
        op(
            "mmul 3 t",
            (g, in) -> g.mmul(in[0], in[1], false, true, false),
            s(3, 2, 6),
            s(3, 4, 6)));
    all.add(
        op(
            "mmul 3 t1",
            (g, in) -> g.mmul(in[0], in[1], false, true, false),
            s(1, 1, 6),
            s(1, 1, 6)));
    all.add(op("mmul 4", (g, in) -> in[0].mmul(in[1]), s(3, 2, 4, 4), s(3, 2, 4, 3)));
    all.add(
        op(
            "mmul 4 t",
            (g, in) -> g.mmul(in[0], in[1], false, true, false),
            s(3, 2, 4, 3),
            s(3, 2, 4, 3)));
    all.add(op("reshape -1", (g, in) -> g.reshape(in[0], -1, 6), s(3, 4, 6)));
    all.add(op("reshape -1 up", (g, in) -> g.reshape(in[0], -1, 4, 2, 3), s(12, 6)));
    all.add(op("reshape fixed", (g, in) -> g.reshape(in[0], 2, 3, 6), s(6, 6)));
    all.add(op("reshape bias", (g, in) -> g.reshape(in[0], 1, 2, 3), s(6)));
    all.add(op("permute 102", (g, in) -> g.permute(in[0], 1, 0, 2), s(3, 2, 4)));
    all.add(op("permute 0213", (g, in) -> g.permute(in[0], 0, 2, 1, 3), s(3, 4, 2, 3)));
    all.add(
        op(
            "permute and flatten",
            (g, in) -> g.reshape(g.permute(in[0], 0, 2, 1, 3), -1, 6),
            s(3, 2, 4, 3)));
    all.add(op("expandDims 1", (g, in) -> g.expandDims(in[0], 1), s(3, 6)));
    all.add(op("expandDims 2", (g, in) -> g.expandDims(in[0], 2), s(3, 6)));
    all.add(op("expandDims 1 rank 3", (g, in) -> g.expandDims(in[0], 1), s(3, 1, 4)));
    all.add(op("squeeze 1", (g, in) -> g.squeeze(in[0], 1), s(3, 1, 6)));
    all.add(op("squeeze 2", (g, in) -> g.squeeze(in[0], 2), s(3, 5, 1)));
    all.add(op("squeeze 2 single", (g, in) -> g.squeeze(in[0], 2), s(1, 1, 1)));
    all.add(op("concat 1", (g, in) -> g.concat(1, in[0], in[1]), s(3, 1), s(3, 5)));
    all.add(op("concat 1 single", (g, in) -> g.concat(1, in[0], in[1]), s(1, 1), s(1, 1)));
    for (int batch : new int[] {3, 1}) {
      all.add(op("concat 0", (g, in) -> g.concat(0, in[0], in[1]), s(batch, 4, 6), s(batch, 4, 6)));
      all.add(op("concat 0 one", (g, in) -> g.concat(0, in[0], in[1]), s(batch, 1, 6), s(1, 1, 6)));
      all.add(op("of one view", (g, in) -> view(g, in[0], 6), s(batch, 4, 12)));
      all.add(op("of one view", (g, in) -> view(g, in[0], 2), s(batch, 1, 4)));
      all.add(
          op(
              "branches side by side",
              (g, in) -> g.reshape(g.permute(g.reshape(in[0], 2, -1, 6), 1, 0, 2), -1, 12),
              s(2 * batch, 6)));
      all.add(op("heads", (g, in) -> in[0].mmul(in[1]), s(batch, 2, 4, 4), s(batch, 2, 4, 1)));
      all.add(op("heads", (g, in) -> in[0].mmul(in[1]), s(batch, 2, 1, 1), s(batch, 2, 1, 3)));
      for (int[] shape : new int[][] {s(batch, 2, 1, 3), s(batch, 2, 4, 1), s(batch, 2, 1, 1)}) {
        all.add(op("heads t", (g, in) -> g.mmul(in[0], in[1], false, true, false), shape, shape));
      }
      all.add(op("heads mask", (g, in) -> in[0].add(in[1]), s(batch, 2, 4, 4), s(batch, 1, 1, 4)));
      all.add(op("softmax", (g, in) -> g.nn().softmax(in[0], -1), s(batch, 2, 1, 1)));
    }
    return all.stream();
  }

  /** The second of two views of rows, each d wide. */
  private static SDVariable view(SameDiff graph, SDVariable rows, int d) {
    Tensor second = Tensor.of(new double[] {0, 1}, 1, 2, 1);
    SDVariable selector = graph.constant("second", second.toNd4j());
    return graph.reshape(rows, -1, 2, d).mul(selector).sum(1); // [B L, d]
  }

  private static final String[] NAMES = {"in0", "in1"};

  @ParameterizedTest(name = "{index} {0}")
  @MethodSource("operations")
  void agreesWithFiniteDifferences(Operation operation) {
    Tensor[] inputs = new Tensor[operation.shapes.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = RandomNumbers.tensor(ElementType.FLOAT64, 11 + i, operation.shapes[i]);
      for (int j = 0; operation.positive && j < inputs[i].size(); j++) {
        inputs[i].set(j, Math.abs(inputs[i].get(j)) + 0.3);
      }
    }
    double worst = worstError(operation.definition, inputs);
    assertThat(worst).isLessThan(1e-7);
  }

  /** The largest error of the gradients of sum(output * constants). */
  private static double worstError(Definition definition, Tensor[] inputs) {
    SameDiff graph = SameDiff.create();
    SDVariable[] in = new SDVariable[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      in[i] = graph.placeHolder(NAMES[i], Tensor.nd4jType(ElementType.FLOAT64));
    }
    SDVariable output = definition.of(graph, in);
    Tensor found = output(graph, output, inputs);
    Tensor weights = RandomNumbers.tensor(ElementType.FLOAT64, 5, found.shape());
    SDVariable loss =
        output.mul(graph.constant("weights", weights.toNd4j())).sum().add("loss", 0.0);
    graph.setLossVariables(loss);
    String[] names = java.util.Arrays.copyOf(NAMES, inputs.length);
    graph.createGradFunction(names);
    Map<String, INDArray> gradients = graph.calculateGradients(feed(inputs), names);
    double worst = 0;
    for (int i = 0; i < inputs.length; i++) {
      Tensor gradient = Tensor.copyOf(requireNonNull(gradients.get(NAMES[i])));
      assertThat(gradient.size()).isEqualTo(inputs[i].size());
      for (int j = 0; j < inputs[i].size(); j++) {
        double start = inputs[i].get(j);
        inputs[i].set(j, start + STEP);
        double up = dot(output(graph, output, inputs), weights);
        inputs[i].set(j, start - STEP);
        double down = dot(output(graph, output, inputs), weights);
        inputs[i].set(j, start);
        worst = Math.max(worst, Math.abs(gradient.get(j) - (up - down) / (2 * STEP)));
      }
    }
    return worst;
  }

  private static Map<String, INDArray> feed(Tensor[] inputs) {
    Map<String, INDArray> fed = new HashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      fed.put(NAMES[i], inputs[i].toNd4j());
    }
    return fed;
  }

  private static Tensor output(SameDiff graph, SDVariable output, Tensor[] inputs) {
    return Tensor.copyOf(
        requireNonNull(graph.output(feed(inputs), output.name()).get(output.name())));
  }

  private static double dot(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i) * b.get(i);
    }
    return sum;
  }

  private static double errorOrFailure(Definition definition, int[]... shapes) {
    Tensor[] inputs = new Tensor[shapes.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = RandomNumbers.tensor(ElementType.FLOAT64, 11 + i, shapes[i]);
    }
    try {
      return worstError(definition, inputs);
    } catch (RuntimeException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private static double[] evaluate(Definition definition, ElementType type, double... row) {
    SameDiff graph = SameDiff.create();
    SDVariable output =
        definition.of(graph, new SDVariable[] {graph.placeHolder("in0", Tensor.nd4jType(type))});
    Tensor twice = Tensor.zeros(type, 2, row.length);
    for (int i = 0; i < twice.size(); i++) {
      twice.set(i, row[i % row.length]);
    }
    return output(graph, output, new Tensor[] {twice}).to(ElementType.FLOAT64).doubles();
  }

  // What follows is wrong in ND4J 1.0.0-M2.1 and worked around. A test that fails after an upgrade
  // says that its workaround can go.

  /** Why axes are counted from the front. */
  @Test
  void keptNegativeAxesAreWrongInThisReleaseOfNd4j() {
    assertThat(errorOrFailure((g, in) -> in[0].sum(true, 2), s(3, 2, 4))).isLessThan(1e-7);
    assertThat(errorOrFailure((g, in) -> in[0].sum(true, -1), s(3, 2, 4))).isGreaterThan(1e-3);
  }

  /** Why nothing is divided: the inverse is multiplied by. */
  @Test
  void divisionsByLengthOneAreWrongInThisReleaseOfNd4j() {
    Definition division = (g, in) -> in[0].div(g.math().square(in[1]).add(1));
    assertThat(errorOrFailure(division, s(3, 6), s(3, 1))).isLessThan(1e-7);
    assertThat(errorOrFailure(division, s(1, 6), s(1, 1))).isGreaterThan(1e-3);
  }

  /** Why one negative is not scored by a product. */
  @Test
  void productsOfOneRowByOneColumnFailInThisReleaseOfNd4j() {
    Definition product = (g, in) -> g.squeeze(in[0].mmul(g.expandDims(in[1], 2)), 2);
    assertThat(errorOrFailure(product, s(1, 5, 6), s(1, 6))).isLessThan(1e-7);
    assertThat(errorOrFailure(product, s(3, 1, 6), s(3, 6))).isLessThan(1e-7);
    assertThat(errorOrFailure(product, s(1, 1, 6), s(1, 6))).isGreaterThan(1e-3);
    Definition transposed = (g, in) -> g.mmul(in[0], in[1], false, true, false);
    assertThat(errorOrFailure(transposed, s(1, 6), s(1, 6))).isGreaterThan(1e-3);
  }

  /** Why an encoder has two columns at least. */
  @Test
  void reductionsOfOneColumnFailInThisReleaseOfNd4j() {
    assertThat(errorOrFailure((g, in) -> in[0].sum(true, 1), s(3, 1))).isGreaterThan(1e-3);
  }

  /** Why the rows of a softmax are shifted in float64. */
  @Test
  void softmaxOfVeryNegativeRowsIsWrongInThisReleaseOfNd4j() {
    Definition softmax = (g, in) -> g.nn().softmax(in[0], -1);
    double[] row = {-1000, -1000};
    assertThat(evaluate(softmax, ElementType.FLOAT32, row)).containsOnly(0.5);
    assertThat(evaluate(softmax, ElementType.FLOAT64, row)).containsOnly(Double.NaN);
  }

  /** Why losses are not composed of logSoftmax. */
  @Test
  void logSoftmaxUnderflowsInThisReleaseOfNd4j() {
    Definition logSoftmax = (g, in) -> g.nn().logSoftmax(in[0]);
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      assertThat(evaluate(logSoftmax, type, 0, 1000)[0]).isEqualTo(Double.NEGATIVE_INFINITY);
    }
  }
}
