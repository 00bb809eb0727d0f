package io.github.alphafuse.backbones.internal.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The encoder against its definition, one history at a time, with full attention at every position
 * and nothing rewritten.
 */
class EncoderReferenceTest {

  record Case(ElementType type, int blocks, int heads, int length, ItemViews views) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ElementType type : new ElementType[] {ElementType.FLOAT64, ElementType.FLOAT32}) {
      for (int blocks = 1; blocks <= 3; blocks++) {
        for (int heads : new int[] {1, 2, 4}) {
          cases.add(new Case(type, blocks, heads, 5, ItemViews.ONE));
        }
      }
      cases.add(new Case(type, 1, 1, 1, ItemViews.ONE));
      cases.add(new Case(type, 2, 2, 1, ItemViews.ONE));
      cases.add(new Case(type, 1, 8, 3, ItemViews.ONE));
      for (ItemViews views : new ItemViews[] {ItemViews.ID_AND_TEXT, ItemViews.TEXT_TWICE}) {
        cases.add(new Case(type, 1, 1, 5, views));
        cases.add(new Case(type, 2, 4, 4, views));
        cases.add(new Case(type, 1, 2, 1, views));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheDefinition(Case how) {
    int d = 8;
    int length = how.length;
    EncoderConfig config = new EncoderConfig(d, length, how.heads, how.blocks, 0.5, how.views);
    int width = config.rowDim();
    EncoderWeights weights = randomWeights(config, how.type);
    // Every amount of padding, twice.
    int batch = 2 * length;
    Tensor rows = RandomNumbers.tensor(how.type, 3, batch, length, width);
    boolean[] padded = new boolean[batch * length];
    for (int i = 0; i < padded.length; i++) {
      padded[i] = i % length < (i / length) % length;
    }
    try (SameDiffEncoder encoder = SameDiffEncoder.of(weights)) {
      Tensor users = encoder.encode(rows, padded);
      assertThat(users.shape()).containsExactly(batch, width);
      assertThat(users.elementType()).isEqualTo(how.type);
      double tolerance = how.type == ElementType.FLOAT64 ? 1e-11 : 2e-4;
      for (int b = 0; b < batch; b++) {
        double[] expected = new Reference(weights, b % length).encode(rows, b);
        for (int j = 0; j < width; j++) {
          assertThat(users.get(b * width + j)).isCloseTo(expected[j], within(tolerance));
        }
      }
      assertThat(encoder.config()).isEqualTo(config);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsOfPaddedPositionsDoNotMatter(Case how) {
    EncoderConfig config = new EncoderConfig(8, how.length, how.heads, how.blocks, 0.1, how.views);
    int width = config.rowDim();
    try (SameDiffEncoder encoder = SameDiffEncoder.of(randomWeights(config, how.type))) {
      for (int pad = 1; pad < how.length; pad++) {
        Tensor rows = RandomNumbers.tensor(how.type, 3, 1, how.length, width);
        boolean[] padded = new boolean[how.length];
        for (int i = 0; i < pad; i++) {
          padded[i] = true;
        }
        Tensor before = encoder.encode(rows, padded);
        for (int i = 0; i < pad * width; i++) {
          rows.set(i, 1e3 * (i - 7));
        }
        assertThat(encoder.encode(rows, padded).to(ElementType.FLOAT64).doubles())
            .containsExactly(before.to(ElementType.FLOAT64).doubles());
      }
    }
  }

  /** Weights that leave nothing at 0 or 1. */
  static EncoderWeights randomWeights(EncoderConfig config, ElementType type) {
    EncoderWeights weights = EncoderWeights.initial(config, type, 1);
    SplittableRandom random = new SplittableRandom(9);
    weights
        .asMap()
        .values()
        .forEach(
            weight -> {
              for (int i = 0; i < weight.size(); i++) {
                weight.set(i, weight.get(i) + 0.3 * random.nextGaussian());
              }
            });
    return weights;
  }

  /** The definition for one history; x is [L][d]. */
  private record Reference(EncoderWeights weights, int padding) {

    double[] encode(Tensor rows, int history) {
      EncoderConfig config = weights.config();
      if (config.views() == ItemViews.ONE) {
        return encode(view(rows, history, 0));
      }
      double[][] texts = view(rows, history, 1);
      double[][] ids = config.views() == ItemViews.TEXT_TWICE ? texts : view(rows, history, 0);
      double[] first = encode(crossAttention(texts, ids, "text_to_id."));
      double[] second = encode(crossAttention(ids, texts, "id_to_text."));
      double[] user = Arrays.copyOf(first, 2 * first.length);
      System.arraycopy(second, 0, user, first.length, second.length);
      return user;
    }

    /** One view of a history's rows with its positions. */
    private double[][] view(Tensor rows, int history, int which) {
      int length = weights.config().maxLength();
      int d = weights.config().dim();
      double[][] x = new double[length][d];
      for (int i = padding; i < length; i++) {
        for (int j = 0; j < d; j++) {
          x[i][j] =
              rows.get((history * length + i) * weights.config().rowDim() + which * d + j)
                  + weights.get("position_embedding").get(i * d + j);
        }
      }
      return x;
    }

    private double[] encode(double[][] rows) {
      double[][] x = rows;
      for (int b = 0; b < weights.config().blocks(); b++) {
        x = block(x, "blocks." + b + ".");
      }
      return norm(x[x.length - 1], "final_norm");
    }

    private double[][] crossAttention(double[][] queries, double[][] others, String name) {
      int d = weights.config().dim();
      int e = d / 2;
      double[][] result = new double[queries.length][d];
      for (int i = padding; i < queries.length; i++) {
        double[] q = product(queries[i], name + "query");
        double[] joined = new double[d];
        for (int h = 0; h < 2; h++) {
          double[] shares = new double[queries.length];
          double total = 0;
          for (int j = padding; j < queries.length; j++) {
            double[] k = product(others[j], name + "key");
            for (int c = h * e; c < (h + 1) * e; c++) {
              shares[j] += q[c] * k[c] / Math.sqrt(e);
            }
            shares[j] = Math.exp(shares[j]);
            total += shares[j];
          }
          for (int j = padding; j < queries.length; j++) {
            double[] v = product(others[j], name + "value");
            for (int c = h * e; c < (h + 1) * e; c++) {
              joined[c] += shares[j] / total * v[c];
            }
          }
        }
        result[i] = linear(joined, name + "output");
      }
      return result;
    }

    private double[][] block(double[][] x, String name) {
      int length = x.length;
      int d = x[0].length;
      int heads = weights.config().heads();
      int e = d / heads;
      double[][] result = new double[length][d];
      for (int i = padding; i < length; i++) {
        double[] query = norm(x[i], name + "attention_norm");
        double[] q = linear(query, name + "query");
        double[] attended = query.clone();
        for (int h = 0; h < heads; h++) {
          double[] scores = new double[length];
          double largest = Double.NEGATIVE_INFINITY;
          for (int j = padding; j <= i; j++) {
            double[] k = linear(x[j], name + "key");
            for (int c = h * e; c < (h + 1) * e; c++) {
              scores[j] += q[c] * k[c] / Math.sqrt(d);
            }
            largest = Math.max(largest, scores[j]);
          }
          double total = 0;
          for (int j = padding; j <= i; j++) {
            scores[j] = Math.exp(scores[j] - largest);
            total += scores[j];
          }
          for (int j = padding; j <= i; j++) {
            double[] v = linear(x[j], name + "value");
            for (int c = h * e; c < (h + 1) * e; c++) {
              attended[c] += scores[j] / total * v[c];
            }
          }
        }
        double[] f = norm(attended, name + "feed_forward_norm");
        double[] inner = linear(f, name + "inner");
        for (int c = 0; c < d; c++) {
          inner[c] = Math.max(0, inner[c]);
        }
        double[] y = linear(inner, name + "outer");
        for (int c = 0; c < d; c++) {
          y[c] += f[c];
        }
        result[i] = norm(y, name + "output_norm");
      }
      return result;
    }

    private double[] linear(double[] x, String name) {
      double[] y = product(x, name);
      for (int o = 0; o < y.length; o++) {
        y[o] += weights.get(name + ".bias").get(o);
      }
      return y;
    }

    private double[] product(double[] x, String name) {
      Tensor w = weights.get(name + ".weight");
      double[] y = new double[x.length];
      for (int o = 0; o < y.length; o++) {
        for (int i = 0; i < x.length; i++) {
          y[o] += w.get(o * x.length + i) * x[i];
        }
      }
      return y;
    }

    private double[] norm(double[] x, String name) {
      double mean = 0;
      double variance = 0;
      for (double value : x) {
        mean += value / x.length;
      }
      for (double value : x) {
        variance += (value - mean) * (value - mean) / x.length;
      }
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] =
            (x[i] - mean) / Math.sqrt(variance + 1e-5) * weights.get(name + ".weight").get(i)
                + weights.get(name + ".bias").get(i);
      }
      return y;
    }
  }
}
