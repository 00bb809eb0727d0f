package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.common.hash.HashCode;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One pass of an encoder over the texts of a catalogue: what the cache holds is taken from it, and
 * the rest is asked for in batches. What was answered is stored at once.
 *
 * <p>Its threads meet in synchronized methods.
 */
final class EncodingRun {
  private final ItemTexts items;
  private final Map<String, List<Integer>> rowsByText;
  private final Optional<VectorCache> cache;
  private final EncodingListener listener;
  private final float[][] rows;
  private final Map<String, HashCode> keys = new HashMap<>();
  private final NavigableMap<Integer, Throwable> failures = new TreeMap<>();
  private List<List<String>> batches = ImmutableList.of();
  private int nextBatch;
  private int width;
  private int done;
  private int fromCache;

  EncodingRun(ItemTexts items, Optional<VectorCache> cache, EncodingListener listener) {
    this.items = items;
    this.rowsByText = items.rowsByText();
    this.cache = cache;
    this.listener = listener;
    this.rows = new float[items.size()][];
    this.done = items.blankRows().size();
  }

  /** How messages name a text. */
  String describe(String text) {
    return items.describe(rowsByText.getOrDefault(text, ImmutableList.of(0)).get(0));
  }

  /** Takes what the cache holds, under the keys that a model of this name gives. */
  void takeFromCache(String model) {
    if (cache.isEmpty()) {
      return;
    }
    rowsByText.keySet().forEach(text -> keys.put(text, VectorCache.key(model, text)));
    Map<HashCode, float[]> held = cache.get().read(new HashSet<>(keys.values()));
    cache.get().width().ifPresent(this::requireFit);
    keys.forEach(
        (text, key) -> {
          float[] vector = held.get(key);
          if (vector != null) {
            fromCache += place(text, vector);
          }
        });
  }

  /** Asks for what is missing. */
  void request(EncodingRequests requests, int batchSize, int parallelRequests) {
    List<String> missing =
        rowsByText.entrySet().stream()
            .filter(entry -> rows[entry.getValue().get(0)] == null)
            .map(Map.Entry::getKey)
            .toList();
    batches = Lists.partition(missing, batchSize);
    tell();
    int threads = Math.min(parallelRequests, batches.size());
    if (threads <= 1) {
      work(requests);
    } else {
      workWith(threads, requests);
    }
    throwFirstFailure();
  }

  private void workWith(int threads, EncodingRequests requests) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("alphafuse-text-%d").build());
    CountDownLatch ended = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      pool.execute(
          () -> {
            try {
              work(requests);
            } finally {
              ended.countDown();
            }
          });
    }
    pool.shutdown();
    try {
      ended.await();
    } catch (InterruptedException e) {
      fail(-1, new CancellationException("interrupted while texts were encoded"));
      pool.shutdownNow();
      // The cache stays open until the last of them has stored its answer.
      Uninterruptibles.awaitUninterruptibly(ended);
      Thread.currentThread().interrupt();
    }
  }

  private void work(EncodingRequests requests) {
    for (int batch = takeBatch(); batch >= 0; batch = takeBatch()) {
      try {
        List<String> texts = batches.get(batch);
        accept(texts, requests.vectors(texts));
      } catch (RuntimeException | Error e) {
        fail(batch, e);
      }
    }
  }

  /** The next batch, or -1 if there is none or one has failed. */
  private synchronized int takeBatch() {
    if (nextBatch == batches.size() || !failures.isEmpty()) {
      return -1;
    }
    if (Thread.currentThread().isInterrupted()) {
      fail(nextBatch, new CancellationException("interrupted while texts were encoded"));
      return -1;
    }
    return nextBatch++;
  }

  private synchronized void fail(int batch, Throwable failure) {
    failures.put(batch, failure);
  }

  private synchronized void accept(List<String> texts, List<float[]> vectors) {
    if (width == 0) {
      requireFit(vectors.get(0).length);
    }
    for (int i = 0; i < texts.size(); i++) {
      int found = vectors.get(i).length;
      checkState(
          found == width,
          "the model gave %s a vector of %s numbers, expected %s as before%s",
          describe(texts.get(i)),
          found,
          width,
          cache.map(file -> " in " + file.path()).orElse(""));
    }
    cache.ifPresent(file -> file.append(texts.stream().map(keys::get).toList(), vectors));
    for (int i = 0; i < texts.size(); i++) {
      place(texts.get(i), vectors.get(i));
    }
    tell();
  }

  /** Takes the width of the rows, before much is paid for. */
  private void requireFit(int columns) {
    checkArgument(
        (long) items.size() * columns <= Integer.MAX_VALUE - 8,
        "%s rows of %s numbers do not fit a Java array; encode the items in parts",
        items.size(),
        columns);
    width = columns;
  }

  private int place(String text, float[] vector) {
    List<Integer> places = rowsByText.getOrDefault(text, ImmutableList.of());
    places.forEach(row -> rows[row] = vector);
    done += places.size();
    return places.size();
  }

  private void tell() {
    listener.onProgress(new EncodingProgress(done, items.size(), fromCache));
  }

  private synchronized void throwFirstFailure() {
    if (failures.isEmpty()) {
      return;
    }
    List<Throwable> inOrder = new ArrayList<>(failures.values());
    Throwable first = inOrder.get(0);
    inOrder.subList(1, inOrder.size()).forEach(first::addSuppressed);
    Throwables.throwIfUnchecked(first);
    throw new IllegalStateException(first);
  }

  /** Leaves in the cache what is of use, if that is less than it holds. */
  void tidyCache(boolean prune) {
    cache.ifPresent(
        file -> {
          if (prune && file.hasUnused()) {
            file.compact(Set.copyOf(keys.values()));
          } else if (file.hasDamaged()) {
            file.compact(null);
          }
        });
  }

  /** The rows in order, the blank ones with the mean of the others. */
  float[][] rows() {
    List<Integer> blank = items.blankRows();
    if (!blank.isEmpty()) {
      float[] mean = mean();
      blank.forEach(row -> rows[row] = mean);
    }
    return rows;
  }

  private float[] mean() {
    double[] sum = new double[width];
    int count = 0;
    for (float[] row : rows) {
      if (row != null) {
        count++;
        for (int j = 0; j < width; j++) {
          sum[j] += row[j];
        }
      }
    }
    float[] mean = new float[width];
    for (int j = 0; j < width; j++) {
      mean[j] = (float) (sum[j] / count);
    }
    return mean;
  }
}
