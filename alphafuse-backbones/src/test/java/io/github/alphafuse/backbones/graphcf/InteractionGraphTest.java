package io.github.alphafuse.backbones.graphcf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class InteractionGraphTest {

  static Stream<Arguments> sizes() {
    return Stream.of(
            new int[] {1, 1, 1, 1},
            new int[] {2, 9, 3, 2},
            new int[] {40, 30, 7, 3},
            new int[] {300, 200, 64, 2},
            new int[] {50, 80, 5, 0})
        .flatMap(
            size ->
                Stream.of(ElementType.values())
                    .filter(type -> type == ElementType.FLOAT32 || type == ElementType.FLOAT64)
                    .map(type -> Arguments.of(size, type)));
  }

  private static InteractionGraph graph(int users, int items) {
    return users == 1
        ? InteractionGraph.of(UserItems.of(items, new int[][] {{0}}))
        : RandomGraph.of(users, items, 0.3);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void propagatesAsTheDenseMatrixDoes(int[] size, ElementType type) {
    InteractionGraph graph = graph(size[0], size[1]);
    int width = size[2];
    Tensor nodes = RandomNumbers.tensor(type, 5, size[0] + size[1], width);
    Tensor found = graph.propagate(nodes, size[3]);
    double[][] matrix = RandomGraph.dense(graph);
    double[] layer = new double[nodes.size()];
    for (int i = 0; i < layer.length; i++) {
      layer[i] = nodes.get(i);
    }
    double[] sum = layer.clone();
    for (int k = 0; k < size[3]; k++) {
      double[] next = new double[layer.length];
      for (int i = 0; i < matrix.length; i++) {
        for (int j = 0; j < matrix.length; j++) {
          for (int d = 0; d < width; d++) {
            next[i * width + d] += matrix[i][j] * layer[j * width + d];
          }
        }
      }
      layer = next;
      for (int i = 0; i < sum.length; i++) {
        sum[i] += layer[i];
      }
    }
    double tolerance = type == ElementType.FLOAT64 ? 1e-12 : 1e-5;
    for (int i = 0; i < sum.length; i++) {
      assertThat(found.get(i))
          .as("number %s", i)
          .isCloseTo(sum[i] / (size[3] + 1), within(tolerance));
    }
  }

  /** Items whose rows no cache holds: two bands of them in float32, four in float64. */
  @ParameterizedTest
  @EnumSource
  void propagatesInBandsAsItDoesAtOnce(ElementType type) {
    int width = 1024;
    int items = 2_600;
    InteractionGraph graph = RandomGraph.of(20, items, 0.3);
    Tensor nodes = RandomNumbers.tensor(type, 6, 20 + items, width);
    Tensor found = graph.propagate(nodes, 1);
    SparseRows edges = graph.itemsOfUsers();
    for (int u = 0; u < 20; u++) {
      double[] sum = new double[width];
      for (int e = edges.starts()[u]; e < edges.starts()[u + 1]; e++) {
        int item = edges.columns()[e];
        double weight = graph.userScales()[u] * graph.itemScales()[item];
        for (int d = 0; d < width; d++) {
          sum[d] += weight * nodes.get((20 + item) * width + d);
        }
      }
      for (int d = 0; d < width; d++) {
        assertThat(found.get(u * width + d))
            .isCloseTo((nodes.get(u * width + d) + sum[d]) / 2, within(1e-5));
      }
    }
  }

  @Test
  void isItsOwnTranspose() {
    InteractionGraph graph = RandomGraph.of(20, 30, 0.2);
    Tensor x = RandomNumbers.tensor(ElementType.FLOAT64, 1, 50, 4);
    Tensor y = RandomNumbers.tensor(ElementType.FLOAT64, 2, 50, 4);
    assertThat(dot(graph.propagate(x, 3), y))
        .isCloseTo(dot(x, graph.propagate(y, 3)), within(1e-12));
  }

  private static double dot(Tensor x, Tensor y) {
    double sum = 0;
    for (int i = 0; i < x.size(); i++) {
      sum += x.get(i) * y.get(i);
    }
    return sum;
  }

  @Test
  void leavesNodesWithoutEdgesAlone() {
    InteractionGraph graph = RandomGraph.of(4, 5, 0.9);
    Tensor nodes = RandomNumbers.tensor(ElementType.FLOAT64, 3, 9, 2);
    Tensor found = graph.propagate(nodes, 2);
    for (int node : new int[] {3, 8}) {
      for (int d = 0; d < 2; d++) {
        assertThat(found.get(node * 2 + d)).isEqualTo(nodes.get(node * 2 + d) / 3, within(1e-15));
      }
    }
  }

  @Test
  void countsARepeatedPairOnce() {
    UserItems repeated = UserItems.of(3, new int[][] {{2, 0, 2, 2}, {1}});
    InteractionGraph graph = InteractionGraph.of(repeated);
    assertThat(graph.edgeCount()).isEqualTo(3);
    assertThat(repeated.repeated()).isEqualTo(2);
    InteractionGraph once = InteractionGraph.of(UserItems.of(3, new int[][] {{0, 2}, {1}}));
    Tensor nodes = RandomNumbers.tensor(ElementType.FLOAT64, 3, 5, 2);
    assertThat(graph.propagate(nodes, 2).doubles()).isEqualTo(once.propagate(nodes, 2).doubles());
  }

  @Test
  void rejectsAGraphWithoutEdges() {
    UserItems none = UserItems.of(5, new int[][] {{}, {}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionGraph.of(none))
        .withMessage("a graph needs at least one interaction, found none of 2 users and 5 items");
  }

  @Test
  void rejectsNodesThatDoNotFit() {
    InteractionGraph graph = RandomGraph.of(4, 5, 0.9);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.propagate(Tensor.zeros(ElementType.FLOAT32, 8, 2), 1))
        .withMessageContaining("4 users and 5 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.propagate(Tensor.zeros(ElementType.FLOAT32, 9, 2), -1))
        .withMessage("layers must be at least 0, found -1");
  }
}
