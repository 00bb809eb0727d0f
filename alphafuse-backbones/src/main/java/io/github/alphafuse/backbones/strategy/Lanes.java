package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.internal.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs of rows, one per thread, and the buffers of each of these threads.
 *
 * <p>The same rows go to the same run at each step, and sums over runs are taken in their order, so
 * that training is exactly repeatable. Not thread-safe.
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

  /** Processes a range of rows. */
  interface Block<T> {
    void run(T lane, int from, int to);
  }

  /** Begins a number of rows, and prepares each lane that will be used. */
  void begin(int rows, Consumer<T> prepare) {
    used = Math.max(1, Math.min(Workers.count(), rows / BlockProduct.ROWS));
    while (lanes.size() < used) {
      lanes.add(maker.get());
    }
    lanes.subList(0, used).forEach(prepare);
  }

  /** Processes a number of rows in blocks, after {@link #begin} was called for the same number. */
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
