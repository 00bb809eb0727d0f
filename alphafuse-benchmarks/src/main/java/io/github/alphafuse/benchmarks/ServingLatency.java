package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.Recommender;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The latency and the throughput of a recommender: one request at a time, as many at once as there
 * are threads, and requests that come at half of that rate whether earlier ones are done or not.
 *
 * <p>Not thread-safe.
 */
final class ServingLatency {
  private static final int ITEMS = 20_000;
  private static final int HISTORIES = 1024;
  private static final int RECOMMENDED = 10;
  private static final int OPEN_LOOP_THREADS = 8;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Recommender recommender;
  private final List<List<String>> histories;
  private final int requests;

  private ServingLatency(Recommender recommender, List<List<String>> histories, int requests) {
    this.recommender = recommender;
    this.histories = histories;
    this.requests = requests;
  }

  static void measure(RunSettings settings, Consumer<Report> out) {
    Sizes sizes = settings.sizes();
    int items = sizes.grid().items().isEmpty() ? ITEMS : sizes.grid().items().get(0);
    SasRec model =
        new ModelRecipe(settings)
            .sasRec(RandomItems.of(items, sizes.dim(), sizes.nullDim()), ModelRecipe.LENGTH);
    try (Recommender recommender = Recommender.builder(model).build()) {
      out.accept(
          new ServingLatency(recommender, histories(items), settings.steps()).measure(settings));
    }
  }

  private static List<List<String>> histories(int items) {
    SplittableRandom random = new SplittableRandom(22);
    List<List<String>> histories = new ArrayList<>();
    for (int i = 0; i < HISTORIES; i++) {
      histories.add(random.ints(ModelRecipe.LENGTH, 0, items).mapToObj(Integer::toString).toList());
    }
    return histories;
  }

  private Report measure(RunSettings settings) {
    Quantiles alone = settings.timer().time(this::request).times();
    // Each loop once untimed, on the same threads: a thread's first requests make what it keeps,
    // and requests beside others take ways that the compiler has not seen yet.
    int untimed = 1 + requests / 4;
    double perSecond =
        Callers.on(
            settings.threads(),
            callers -> {
              closedLoop(callers, untimed);
              return closedLoop(callers, requests);
            });
    double rate = perSecond / 2;
    Quantiles open =
        Callers.on(
            OPEN_LOOP_THREADS,
            callers -> {
              openLoop(callers, rate, untimed);
              return openLoop(callers, rate, requests);
            });
    return Report.of(settings.task())
        .putMillis("p50Ms", alone.at(0.5))
        .putMillis("p99Ms", alone.at(0.99))
        .putMillis("p999Ms", alone.at(0.999))
        .put("throughputPerSecond", Math.rint(perSecond * 10) / 10)
        .put(
            "openLoop",
            Report.part()
                .put("threads", OPEN_LOOP_THREADS)
                .put("ratePerSecond", Math.rint(rate * 10) / 10)
                .putMillis("p50Ms", open.at(0.5))
                .putMillis("p99Ms", open.at(0.99)))
        .putProcess(settings, settings.engine());
  }

  private double request(int number) {
    return recommender
        .recommend(histories.get(number % histories.size()), RECOMMENDED)
        .get(0)
        .score();
  }

  /** Requests a second, each thread sending its next when its last is answered. */
  private double closedLoop(Callers callers, int count) {
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime();
    callers.together(
        () -> {
          double sum = 0;
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            sum += request(i);
          }
          return sum;
        });
    return count / ((System.nanoTime() - start) / NANOS_PER_SECOND);
  }

  /**
   * Latencies in milliseconds of requests that come at even intervals, counted from when a request
   * should have begun: one that waits for a thread has its waiting counted.
   */
  private Quantiles openLoop(Callers callers, double perSecond, int count) {
    double[] latencies = new double[count];
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime();
    callers.together(
        () -> {
          double sum = 0;
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            long scheduled = start + (long) (i / perSecond * NANOS_PER_SECOND);
            for (long left; (left = scheduled - System.nanoTime()) > 0; ) {
              LockSupport.parkNanos(left);
            }
            sum += request(i);
            latencies[i] = StepTimer.millisSince(scheduled);
          }
          return sum;
        });
    return Quantiles.of(latencies);
  }
}
