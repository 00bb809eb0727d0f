package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.internal.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs of rows, one for each thread, and the buffers that each of these threads works with.
 *
 * <p>The same rows go to the same run at each step, and sums over runs are made in their order: a
 * run of training repeats bit by bit. Not thread-safe.
 *
 * @param <T> the buffers of a run
 */
final class Lanes<T extends AutoCloseable> implements AutoCloseable {
  private final Supplier<T> maker;
  private final Consumer<T> closer;
  private final List<T> lanes = new ArrayList<>();
  private int used;

  Lanes(Supplier<T> maker, Consumer<T> closer) {
    this.maker = maker;
    this.closer = closer;
  }

  /** Works on the rows from one number to the one past another. */
  interface Block<T> {
    void run(T lane, int from, int to);
  }

  /** Takes so many rows up: each lane that will be used is prepared first. */
  void begin(int rows, Consumer<T> prepare) {
    used = Math.max(1, Math.min(Workers.count(), rows / BlockProduct.ROWS));
    while (lanes.size() < used) {
      lanes.add(maker.get());
    }
    lanes.subList(0, used).forEach(prepare);
  }

  /** Works through so many rows in blocks; {@link #begin} was called for as many. */
  void forEachBlock(int rows, Block<T> block) {
    Workers.run(
        used,
        run -> {
          int end = (int) ((long) rows * (run + 1) / used);
          for (int from = (int) ((long) rows * run / used); from < end; from += BlockProduct.ROWS) {
            block.run(lanes.get(run), from, Math.min(end, from + BlockProduct.ROWS));
          }
        });
  }

  /** Visits the lanes that were used, in their order. */
  void forEach(Consumer<T> visitor) {
    lanes.subList(0, used).forEach(visitor);
  }

  @Override
  public void close() {
    lanes.forEach(closer);
    lanes.clear();
    used = 0;
  }
}
