package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.ItemFilter;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.RecommendationRequest;
import io.github.alphafuse.backbones.serve.Recommendations;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.serve.SavedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * A live recommender whose file and sold-out items change while many threads ask it. Every answer
 * is compared with a ranking of the version that it names, which was made by one thread before.
 *
 * <p>Not thread-safe.
 */
final class LiveServing {
  private static final int ITEMS = 20_000;
  private static final int HISTORIES = 64;
  private static final int RECOMMENDED = 10;
  private static final int THREADS = 8;
  private static final int SETS = 50;
  private static final int MINUTE = 60;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final long NEXT_SET_MILLIS = 100;
  private static final long NEXT_MODEL_MILLIS = 1000;

  /** How far scores of one item may be apart: kernels for many items at once sum otherwise. */
  private static final float CLOSE = 1e-5f;

  private final RunSettings settings;
  private final Path folder;
  private final int items;
  private final List<List<String>> histories;
  private final List<BitSet> soldOut = new ArrayList<>();
  private final List<Path> models = new ArrayList<>();
  private final Map<String, Oracle[]> oracles = new HashMap<>();

  /** How many sold-out sets hold or held; set k is that of k modulo their number. */
  private final AtomicInteger published = new AtomicInteger();

  private int written;

  private LiveServing(RunSettings settings, Path folder) {
    this.settings = settings;
    this.folder = folder;
    List<Integer> given = settings.sizes().grid().items();
    this.items = given.isEmpty() ? ITEMS : given.get(0);
    SplittableRandom random = new SplittableRandom(22);
    this.histories =
        IntStream.range(0, HISTORIES)
            .mapToObj(
                i -> random.ints(ModelRecipe.LENGTH, 0, items).mapToObj(Integer::toString).toList())
            .toList();
    for (int set = 0; set < SETS; set++) {
      BitSet rows = new BitSet(items);
      random.ints(items / 10, 0, items).forEach(rows::set);
      soldOut.add(rows);
    }
  }

  static void measure(RunSettings settings, Consumer<Report> out) {
    try {
      Path folder = Files.createTempDirectory("live-serving");
      try {
        new LiveServing(settings, folder).measure(out);
      } finally {
        try (var files = Files.list(folder)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The ranking of all items for one history. */
  private record Oracle(int[] ranking, float[] scores) {
    static Oracle of(Recommender recommender, List<String> history) {
      Recommendations all = recommender.recommend(history, recommender.vocabulary().size());
      int[] ranking = new int[all.size()];
      float[] scores = new float[recommender.vocabulary().size()];
      for (int k = 0; k < ranking.length; k++) {
        ranking[k] = Integer.parseInt(all.get(k).item());
        scores[ranking[k]] = (float) all.get(k).score();
      }
      return new Oracle(ranking, scores);
    }

    /** Whether an answer has the best items that are not sold out, up to ties. */
    boolean equals(List<Recommendation> answer, BitSet soldOut) {
      int next = 0;
      for (Recommendation found : answer) {
        while (soldOut.get(ranking[next])) {
          next++;
        }
        int row = Integer.parseInt(found.item());
        float expected = scores[ranking[next]];
        if (row != ranking[next]
            && (soldOut.get(row)
                || Math.abs(scores[row] - expected) > CLOSE * Math.max(1, Math.abs(expected)))) {
          return false;
        }
        next++;
      }
      return answer.size() == RECOMMENDED;
    }
  }

  private void measure(Consumer<Report> out) throws IOException {
    for (int seed = 1; seed <= 2; seed++) {
      Path file = folder.resolve("model" + seed);
      SasRec.builder(RandomItems.of(items, settings.sizes().dim(), settings.sizes().nullDim()))
          .maxLength(ModelRecipe.LENGTH)
          .engine(settings.engine())
          .seed(seed)
          .build()
          .save(file);
      models.add(file);
      try (Recommender recommender = Recommender.load(file)) {
        oracles.put(
            SavedModel.checksum(file),
            histories.stream()
                .map(history -> Oracle.of(recommender, history))
                .toArray(Oracle[]::new));
      }
    }
    Path served = folder.resolve("model");
    writeNext();
    try (LiveRecommender live = LiveRecommender.builder(served).interval(LOOK).build()) {
      live.filter(filter(0));
      Callers.on(THREADS, callers -> measure(callers, live, out));
    }
  }

  private Total measure(Callers callers, LiveRecommender live, Consumer<Report> out) {
    Total total = new Total();
    int still = Math.max(1, Math.min(MINUTE, settings.steps() / 5));
    if (settings.warmUpSeconds() > 0) {
      new Run(live, false).during(callers, settings.warmUpSeconds());
    }
    total.add(new Run(live, false).during(callers, still), out);
    for (int left = settings.steps() - still; left > 0; left -= MINUTE) {
      total.add(new Run(live, true).during(callers, Math.min(MINUTE, left)), out);
    }
    checkState(
        total.bad == 0 && live.statistics().failures() == 0,
        "%s answers are wrong, %s requests failed",
        total.bad,
        live.statistics().failures());
    return total;
  }

  /** What went wrong in all runs. */
  private final class Total {
    private long bad;

    void add(Run run, Consumer<Report> out) {
      bad += run.failures.sum() + run.wrong.sum() + run.sold.sum();
      out.accept(run.report());
    }
  }

  private ItemFilter filter(int number) {
    return ItemFilter.deny(
        soldOut.get(number % SETS).stream().mapToObj(Integer::toString).toList());
  }

  /** Puts the model that is not served in the place of the one that is. */
  private void writeNext() {
    try {
      Path copy = folder.resolve("copy");
      Files.copy(models.get(written++ % models.size()), copy, StandardCopyOption.REPLACE_EXISTING);
      Files.move(copy, folder.resolve("model"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Requests of all threads for some time. */
  private final class Run {
    private final LiveRecommender live;
    private final boolean newModels;
    private final ConcurrentHistogram latency =
        new ConcurrentHistogram(1000, TimeUnit.MINUTES.toNanos(10), 3);
    private final LongAdder failures = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final LongAdder sold = new LongAdder();
    private final AtomicInteger next = new AtomicInteger();
    private final Report heap = Report.part();
    private final Report rss = Report.part();
    private long swaps;
    private int filters;
    private double seconds;

    /** What went wrong first, apart from answers. */
    private volatile @Nullable RuntimeException failure;

    Run(LiveRecommender live, boolean newModels) {
      this.live = live;
      this.newModels = newModels;
    }

    Run during(Callers callers, double forSeconds) {
      this.seconds = forSeconds;
      putMemory("start");
      long swapsBefore = live.statistics().swaps();
      int filtersBefore = published.get();
      ScheduledExecutorService changes = Executors.newScheduledThreadPool(2);
      changes.scheduleAtFixedRate(
          orNote(
              () -> {
                live.filter(filter(published.get() + 1));
                published.incrementAndGet();
              }),
          NEXT_SET_MILLIS,
          NEXT_SET_MILLIS,
          TimeUnit.MILLISECONDS);
      if (newModels) {
        changes.scheduleAtFixedRate(
            orNote(LiveServing.this::writeNext),
            NEXT_MODEL_MILLIS,
            NEXT_MODEL_MILLIS,
            TimeUnit.MILLISECONDS);
      }
      long end = System.nanoTime() + (long) (forSeconds * TimeUnit.SECONDS.toNanos(1));
      try {
        callers.together(() -> askUntil(end));
      } finally {
        changes.shutdownNow();
      }
      RuntimeException found = failure;
      if (found != null) {
        throw found;
      }
      swaps = live.statistics().swaps() - swapsBefore;
      filters = published.get() - filtersBefore;
      putMemory("end");
      return this;
    }

    private Runnable orNote(Runnable change) {
      return () -> {
        try {
          change.run();
        } catch (RuntimeException e) {
          failure = e;
          throw e;
        }
      };
    }

    private double askUntil(long end) {
      double requests = 0;
      while (System.nanoTime() < end) {
        ask(next.getAndIncrement() % HISTORIES);
        requests++;
      }
      return requests;
    }

    private void ask(int history) {
      RecommendationRequest request =
          RecommendationRequest.of(histories.get(history)).count(RECOMMENDED);
      int before = published.get();
      long start = System.nanoTime();
      Recommendations answer;
      try {
        answer = live.recommend(request);
      } catch (RuntimeException e) {
        failures.increment();
        return;
      }
      latency.recordValue(System.nanoTime() - start);
      // The next set may hold already and not be counted yet.
      int after = published.get() + 1;
      Oracle[] oracle = oracles.get(answer.version());
      boolean right = false;
      boolean allowed = false;
      for (int set = before; set <= after; set++) {
        BitSet rows = soldOut.get(set % SETS);
        allowed |= answer.stream().noneMatch(item -> rows.get(Integer.parseInt(item.item())));
        right |= oracle != null && oracle[history].equals(answer, rows);
      }
      if (!allowed) {
        sold.increment();
      }
      if (!right) {
        wrong.increment();
      }
    }

    private void putMemory(String when) {
      System.gc();
      heap.put(
          when, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / (1 << 20));
      rss.put(when, ProcessMemory.megabytes().orElse(null));
    }

    Report report() {
      return Report.of(settings.task())
          .put("newModels", newModels)
          .put("seconds", seconds)
          .put("answers", latency.getTotalCount())
          .put("failures", failures.sum())
          .put("wrong", wrong.sum())
          .put("soldOut", sold.sum())
          .put("swaps", swaps)
          .put("filters", filters)
          .putMillis("p50Ms", millis(50))
          .putMillis("p90Ms", millis(90))
          .putMillis("p99Ms", millis(99))
          .putMillis("p999Ms", millis(99.9))
          .putMillis("maxMs", millis(100))
          .put("heapMb", heap)
          .put("rssMb", rss)
          .putProcess(settings, settings.engine());
    }

    private double millis(double percentile) {
      return latency.getValueAtPercentile(percentile) / 1e6;
    }
  }
}
