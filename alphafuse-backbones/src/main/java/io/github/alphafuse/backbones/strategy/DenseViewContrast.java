package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DoubleOperand;
import java.util.Arrays;

/** {@link ViewContrast} in float64, on any backend. */
final class DenseViewContrast implements ViewContrast {
  private final DenseKernels kernels = DenseKernels.get();

  @Override
  public double apply(Items items, double weight, Tensor gradient) {
    int[] n = items.counts();
    int count = n.length;
    int dim = items.rows().shape(1) / 2;
    DoubleOperand x = view(items.rows(), 0);
    DoubleOperand y = view(items.rows(), dim);
    double[] g = new double[count * count];
    double[] t = new double[count * count];
    kernels.multiply(x, y.transpose(), g);
    double[] ofTexts = new double[count * count];
    kernels.multiply(x, x.transpose(), t);
    kernels.multiply(y, y.transpose(), ofTexts);
    for (int i = 0; i < t.length; i++) {
      t[i] = (t[i] + ofTexts[i]) / 2;
    }
    double[] r = new double[count];
    double[] s = new double[count];
    double[] c = new double[count];
    for (int i = 0; i < count; i++) {
      r[i] = logSumExp(g, new Line(i * count, 1), n);
      s[i] = logSumExp(g, new Line(i, count), n);
      double of = logSumExp(t, new Line(i * count, 1), n);
      for (int j = 0; j < count; j++) {
        t[i * count + j] = Math.exp(t[i * count + j] - of);
        c[j] += n[i] * t[i * count + j];
      }
    }
    double loss = 0;
    double factor = weight / (2.0 * Arrays.stream(n).sum());
    for (int i = 0; i < count; i++) {
      loss += n[i] * (r[i] + c[i] * s[i]);
      double mean = 0;
      for (int j = 0; j < count; j++) {
        int at = i * count + j;
        loss -= 2.0 * n[i] * n[j] * t[at] * g[at];
        mean += n[j] * t[at] * (s[j] - 2 * g[at]);
      }
      for (int j = 0; j < count; j++) {
        int at = i * count + j;
        double pairs = factor * n[i] * n[j];
        double toTarget = t[at] * (s[j] - 2 * g[at] - mean);
        g[at] = pairs * (Math.exp(g[at] - r[i]) + c[j] * Math.exp(g[at] - s[j]) - 2 * t[at]); // dG
        t[at] = pairs * toTarget; // dA
      }
    }
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        double both = (t[i * count + j] + t[j * count + i]) / 2;
        t[i * count + j] = both;
        t[j * count + i] = both;
      }
    }
    DoubleOperand dg = DoubleOperand.of(g, count, count);
    DoubleOperand da = DoubleOperand.of(t, count, count);
    put(sum(product(dg, y), product(da, x)), gradient, 0);
    put(sum(product(dg.transpose(), x), product(da, y)), gradient, dim);
    return factor * loss;
  }

  /** Numbers of a matrix: the index of the first one and their distance. */
  private record Line(int start, int stride) {}

  /** The log of sum n_i exp(x_i). */
  private static double logSumExp(double[] matrix, Line line, int[] n) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n.length; i++) {
      largest = Math.max(largest, matrix[line.start + i * line.stride]);
    }
    double sum = 0;
    for (int i = 0; i < n.length; i++) {
      sum += n[i] * Math.exp(matrix[line.start + i * line.stride] - largest);
    }
    return largest + Math.log(sum);
  }

  private double[] product(DoubleOperand a, DoubleOperand b) {
    double[] product = new double[b.values().length];
    kernels.multiply(a, b, product);
    return product;
  }

  private static double[] sum(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
    return a;
  }

  private static DoubleOperand view(Tensor rows, int from) {
    int width = rows.shape(1);
    int dim = width / 2;
    double[] view = new double[rows.shape(0) * dim];
    for (int i = 0; i < view.length; i++) {
      view[i] = rows.get(i / dim * width + from + i % dim);
    }
    return DoubleOperand.of(view, rows.shape(0), dim);
  }

  private static void put(double[] view, Tensor gradient, int from) {
    int width = gradient.shape(1);
    int dim = width / 2;
    for (int i = 0; i < view.length; i++) {
      gradient.set(i / dim * width + from + i % dim, view[i]);
    }
  }
}
