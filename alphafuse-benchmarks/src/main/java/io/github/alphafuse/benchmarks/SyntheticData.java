package io.github.alphafuse.benchmarks;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.npy.NpyArray;
import io.github.alphafuse.core.nullspace.SymmetricEigenSolver;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Data that looks to a program like a catalogue of text: rows of norm 1 whose variance falls
 * exponentially along random orthogonal directions, by a factor e every d_l / 12 of them.
 *
 * <p>The same sizes give the same data on machines whose BLAS computes alike.
 *
 * @param items N
 * @param languageDim d_l
 * @param examples M
 */
record SyntheticData(int items, int languageDim, int examples) {
  private static final int BLOCK_ROWS = 1024;

  /**
   * Writes the three files.
   *
   * @param folder made where it is not there
   * @throws UncheckedIOException if a file cannot be written
   */
  void write(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder, e);
    }
    SplittableRandom random = new SplittableRandom(0);
    writeEmbeddings(folder.resolve(BenchmarkData.EMBEDDINGS), random.split());
    writeExamples(folder, random.split());
  }

  private void writeEmbeddings(Path file, SplittableRandom random) {
    float[] deviations = new float[languageDim];
    for (int i = 0; i < languageDim; i++) {
      deviations[i] = (float) Math.exp(-i / (languageDim / 12.0) / 2);
    }
    try (INDArray rotation = rotation(random).toNd4j(); // [d_l, d_l]
        NpyWriter writer = NpyWriter.create(file, items, languageDim)) {
      for (int from = 0; from < items; from += BLOCK_ROWS) {
        float[] rows = new float[Math.min(BLOCK_ROWS, items - from) * languageDim];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = (float) random.nextGaussian() * deviations[i % languageDim];
        }
        try (INDArray drawn = Tensor.of(rows, rows.length / languageDim, languageDim).toNd4j();
            INDArray rotated = drawn.mmul(rotation)) {
          float[] turned = Tensor.copyOf(rotated).floats();
          normalizeRows(turned);
          writer.append(turned);
        }
      }
    }
  }

  /**
   * A random orthogonal matrix: the eigenvectors of a symmetric matrix of normal numbers have no
   * preferred direction.
   */
  private Tensor rotation(SplittableRandom random) {
    double[] symmetric = new double[languageDim * languageDim];
    for (int i = 0; i < languageDim; i++) {
      for (int j = 0; j <= i; j++) {
        double value = random.nextGaussian() * (i == j ? Math.sqrt(2) : 1);
        symmetric[i * languageDim + j] = value;
        symmetric[j * languageDim + i] = value;
      }
    }
    double[] vectors =
        SymmetricEigenSolver.verified().decompose(symmetric).leadingVectors(languageDim);
    float[] values = new float[vectors.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) vectors[i];
    }
    return Tensor.of(values, languageDim, languageDim);
  }

  private void normalizeRows(float[] rows) {
    for (int from = 0; from < rows.length; from += languageDim) {
      double squares = 0;
      for (int i = from; i < from + languageDim; i++) {
        squares += (double) rows[i] * rows[i];
      }
      float factor = (float) (1 / Math.sqrt(squares));
      for (int i = from; i < from + languageDim; i++) {
        rows[i] *= factor;
      }
    }
  }

  private void writeExamples(Path folder, SplittableRandom random) {
    int length = ModelRecipe.LENGTH;
    RandomHistories histories = new RandomHistories(items, length);
    int[] padded = new int[examples * length];
    Arrays.fill(padded, items);
    for (int row = 0; row < examples; row++) {
      int[] history = histories.draw(random);
      System.arraycopy(history, 0, padded, (row + 1) * length - history.length, history.length);
    }
    NpyArray.of(padded, examples, length).write(folder.resolve(BenchmarkData.HISTORIES));
    int[] targets = random.ints(examples, 0, items).toArray();
    NpyArray.of(targets, examples).write(folder.resolve(BenchmarkData.TARGETS));
  }
}
