package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The gradient of a loss with respect to each of a set of named parameters, dense, in buffers that
 * are used again from step to step.
 *
 * <p>Not thread-safe.
 */
public final class Gradients {
  /** Numbers that are worth a thread of their own. */
  private static final int LEAST = 1 << 16;

  private final ImmutableMap<String, Tensor> byName;
  private final Map<String, int[]> touched = new ConcurrentHashMap<>();

  private Gradients(ImmutableMap<String, Tensor> byName) {
    this.byName = byName;
  }

  /**
   * Zero gradients for some parameters.
   *
   * @param parameters the parameters by name
   * @return gradients of the same names, shapes and types
   */
  public static Gradients of(Map<String, Tensor> parameters) {
    ImmutableMap.Builder<String, Tensor> zeros = ImmutableMap.builder();
    parameters.forEach(
        (name, value) -> zeros.put(name, Tensor.zeros(value.dataType(), value.shape())));
    return new Gradients(zeros.build());
  }

  /**
   * The names of the parameters.
   *
   * @return the names, in the order of the parameters
   */
  public ImmutableSet<String> names() {
    return byName.keySet();
  }

  /**
   * One gradient, which the caller may write: no account of touched rows is kept from here on.
   *
   * @param name the parameter's name
   * @return the live buffer
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Tensor get(String name) {
    Tensor gradient = read(name);
    touched.remove(name);
    return gradient;
  }

  /**
   * One gradient, which the caller only reads.
   *
   * @param name the parameter's name
   * @return the live buffer
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Tensor read(String name) {
    Tensor gradient = byName.get(name);
    checkArgument(gradient != null, "there is no parameter '%s', only %s", name, byName.keySet());
    return gradient;
  }

  /**
   * The rows of a table that may hold a gradient other than zero.
   *
   * @param name the table's name
   * @return ascending row numbers, not a copy; empty where nobody kept account of them and any row
   *     may
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Optional<int[]> touchedRows(String name) {
    read(name);
    return Optional.ofNullable(touched.get(name));
  }

  /**
   * Takes note that the caller, who alone works on a table's gradient, has set every touched row to
   * zero while it was at hand, so that the next step need not look for them.
   *
   * @param name the table's name
   * @throws IllegalArgumentException if there is no such parameter
   */
  public void cleared(String name) {
    read(name);
    touched.put(name, new int[0]);
  }

  /** Sets a table's gradient to zero; only the given rows, ascending, are about to be added to. */
  void startRows(String name, int[] rows) {
    Tensor gradient = read(name);
    int[] before = touched.get(name);
    if (before == null) {
      gradient.fill(0);
    } else {
      int width = gradient.shape(1);
      Workers.split(
          before.length,
          LEAST / Math.max(1, width) + 1,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              gradient.fillRow(before[i], 0);
            }
          });
    }
    touched.put(name, rows);
  }

  /**
   * Sets some gradients to zero.
   *
   * @param parameters the names of their parameters
   * @throws IllegalArgumentException if there is no such parameter
   */
  public void clear(Iterable<String> parameters) {
    for (String name : parameters) {
      get(name).fill(0);
    }
  }

  /** Sets every gradient to zero. */
  public void clear() {
    clear(names());
  }

  /**
   * Checks that every gradient is finite; where account was kept of a table's rows, only those that
   * were touched are looked at.
   *
   * @return the name of the first that holds a NaN or infinite number, or an empty string
   */
  public String firstNonFinite() {
    for (Map.Entry<String, Tensor> entry : byName.entrySet()) {
      int[] rows = touched.get(entry.getKey());
      boolean finite =
          rows == null ? entry.getValue().firstNonFinite() < 0 : areFinite(entry.getValue(), rows);
      if (!finite) {
        return entry.getKey();
      }
    }
    return "";
  }

  private static boolean areFinite(Tensor table, int[] rows) {
    int width = table.shape(1);
    AtomicBoolean finite = new AtomicBoolean(true);
    Workers.split(
        rows.length,
        LEAST / Math.max(1, width) + 1,
        (from, to) -> {
          // 0 x is NaN where x is not finite, and the sum keeps it.
          double sum = 0;
          for (int i = from; i < to; i++) {
            int start = rows[i] * width;
            for (int j = start; j < start + width; j++) {
              sum += 0 * table.get(j);
            }
          }
          if (sum != 0) {
            finite.set(false);
          }
        });
    return finite.get();
  }
}
