package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An encoder over a table of item rows that do not change: histories to user vectors, and vectors
 * to scores of all items.
 *
 * <p>Legend: B histories, L positions, N items, d width. Thread-safe; closing waits for the calls
 * that are under way, and later ones fail with an {@link IllegalStateException}.
 */
public final class HistoryEncoder implements AutoCloseable {
  private final SequenceEncoder encoder;
  private final Tensor table;
  private final INDArray itemRows;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * An encoder of histories.
   *
   * @param encoder the encoder, closed with this object
   * @param table item rows [N, d], not copied
   */
  public HistoryEncoder(SequenceEncoder encoder, Tensor table) {
    this.encoder = encoder;
    this.table = table;
    this.itemRows = table.toNd4j();
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int itemCount() {
    return table.shape(0);
  }

  /**
   * The user vectors of some histories.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty; the last
   *     L are looked at
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  public Tensor userVectors(int[][] histories) {
    return whileOpen(() -> encode(histories));
  }

  /**
   * Makes a call during which this encoder is not closed, for what is freed together with it.
   *
   * @param call what to compute; it may call this encoder
   * @return what it gives
   * @throws IllegalStateException if it is closed
   */
  public Tensor whileOpen(Supplier<Tensor> call) {
    lock.readLock().lock();
    try {
      checkState(!closed, "this scorer is closed");
      return call.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  private Tensor encode(int[][] histories) {
    int length = encoder.config().maxLength();
    int dim = table.shape(1);
    Tensor rows = Tensor.zeros(table.dataType(), histories.length, length, dim);
    boolean[] padded = new boolean[histories.length * length];
    Arrays.fill(padded, true);
    for (int b = 0; b < histories.length; b++) {
      int[] history = histories[b];
      checkArgument(history.length > 0, "history %s must not be empty", b);
      int from = Math.max(0, history.length - length);
      for (int j = from; j < history.length; j++) {
        int item = history[j];
        checkArgument(
            item >= 0 && item < itemCount(),
            "item %s of history %s must lie in [0, %s), found %s",
            j,
            b,
            itemCount(),
            item);
        int at = b * length + length - history.length + j;
        padded[at] = false;
        copyRow(item, rows, at);
      }
    }
    return encoder.encode(rows, padded);
  }

  private void copyRow(int item, Tensor rows, int at) {
    int dim = table.shape(1);
    if (table.dataType() == DataType.FLOAT) {
      System.arraycopy(table.floats(), item * dim, rows.floats(), at * dim, dim);
    } else {
      System.arraycopy(table.doubles(), item * dim, rows.doubles(), at * dim, dim);
    }
  }

  /**
   * Inner products of vectors with all item rows.
   *
   * @param vectors [B, d]
   * @return scores [B, N]
   * @throws IllegalStateException if it is closed
   */
  public Tensor scores(Tensor vectors) {
    return whileOpen(() -> products(vectors));
  }

  private Tensor products(Tensor vectors) {
    // A column-major [N, B] is a row-major [B, N], so the product needs no transposed copy.
    try (INDArray user = vectors.toNd4j();
        INDArray scores = Nd4j.gemm(itemRows, user, false, true)) {
      return Tensor.copyOf(scores.transpose());
    }
  }

  /** Frees what is held outside the Java heap. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        itemRows.close();
        encoder.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
