package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a loss with respect to a set of named parameters, in buffers that are reused
 * from step to step. Gradients are dense by default. For a table that is declared sparse only the
 * gradients of the rows that the step touches are kept, one after another, until {@link #get} or
 * {@link #read} returns the whole table.
 *
 * <p>Not thread-safe.
 */
public final class Gradients {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 16;

  /** The number of spare rows of a buffer. */
  private static final int SPARE = 1024;

  private static final int[] NONE = new int[0];

  private final ImmutableMap<String, Tensor> parameters;
  private final ImmutableMap<String, TouchedRows> sparse;
  private final Map<String, Tensor> dense = new ConcurrentHashMap<>();
  private final Map<String, int[]> touched = new ConcurrentHashMap<>();

  private Gradients(Map<String, Tensor> parameters, Set<String> sparseTables) {
    this.parameters = ImmutableMap.copyOf(parameters);
    ImmutableMap.Builder<String, TouchedRows> rows = ImmutableMap.builder();
    this.parameters.forEach(
        (name, value) -> {
          if (sparseTables.contains(name)) {
            checkArgument(
                value.rank() == 2,
                "sparseTables must have two axes, found '%s' %s",
                name,
                Arrays.toString(value.shape()));
            rows.put(name, new TouchedRows(value));
          } else {
            dense.put(name, zerosLike(value));
          }
        });
    this.sparse = rows.build();
  }

  private static Tensor zerosLike(Tensor parameter) {
    return Tensor.zeros(parameter.elementType(), parameter.shape());
  }

  /**
   * Zero gradients for some parameters.
   *
   * @param parameters the parameters by name
   * @return gradients of the same names, shapes and types
   */
  public static Gradients of(Map<String, Tensor> parameters) {
    return of(parameters, Set.of());
  }

  /**
   * Zero gradients for some parameters; of sparse tables only the touched rows are held.
   *
   * @param parameters the parameters by name; their numbers are not read
   * @param sparseTables names of parameters [H, w] of which a step touches few rows; other names
   *     are ignored
   * @return gradients of the same names, shapes and types
   * @throws IllegalArgumentException if a sparse table does not have two axes
   */
  public static Gradients of(Map<String, Tensor> parameters, Set<String> sparseTables) {
    return new Gradients(parameters, sparseTables);
  }

  /**
   * The names of the parameters.
   *
   * @return the names, in the order of the parameters
   */
  public ImmutableSet<String> names() {
    return parameters.keySet();
  }

  private void requireName(String name) {
    checkArgument(
        parameters.containsKey(name),
        "there is no parameter '%s', only %s",
        name,
        parameters.keySet());
  }

  /** The touched rows of a table, if only they are kept at present. */
  private @Nullable TouchedRows alone(String name) {
    requireName(name);
    TouchedRows rows = sparse.get(name);
    return rows != null && rows.alone ? rows : null;
  }

  /**
   * One gradient, which the caller may write. The touched rows are no longer recorded from then on.
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
   * One gradient, which the caller only reads. If only the touched rows of a table were kept, the
   * whole table is kept from then on, until the next step starts.
   *
   * @param name the parameter's name
   * @return the live buffer
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Tensor read(String name) {
    TouchedRows rows = alone(name);
    Tensor whole =
        dense.computeIfAbsent(name, absent -> zerosLike(requireNonNull(parameters.get(absent))));
    if (rows != null) {
      whole.fill(0);
      rows.copyTo(whole);
      rows.alone = false;
      touched.put(name, rows.ids);
    }
    return whole;
  }

  /**
   * The rows of a table that may hold a gradient other than zero.
   *
   * @param name the table's name
   * @return ascending row numbers, not a copy; empty if they were not recorded and any row may hold
   *     a gradient
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Optional<int[]> touchedRows(String name) {
    TouchedRows rows = alone(name);
    return Optional.ofNullable(rows == null ? touched.get(name) : rows.ids);
  }

  /**
   * The gradients of a table's {@linkplain #touchedRows touched rows}, if they are kept one after
   * another.
   *
   * @param name the table's name
   * @return [R, w] or more rows, the live buffer; empty if the table is kept as a whole
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Optional<Tensor> touchedGradients(String name) {
    return Optional.ofNullable(alone(name)).map(rows -> rows.values);
  }

  /**
   * Records that every touched row of a table is zero again, so that the next step need not clear
   * them. No other thread may work on the table's gradient at that time.
   *
   * @param name the table's name
   * @throws IllegalArgumentException if there is no such parameter
   */
  public void cleared(String name) {
    TouchedRows rows = alone(name);
    if (rows == null) {
      touched.put(name, NONE);
    } else {
      rows.ids = NONE;
    }
  }

  /**
   * Sets a table's gradient to zero. Only the given rows, ascending, may be added to afterwards.
   */
  void startRows(String name, int[] rows) {
    requireName(name);
    TouchedRows few = sparse.get(name);
    if (few != null) {
      few.start(rows);
      return;
    }
    Tensor gradient = read(name);
    int[] before = touched.get(name);
    if (before == null) {
      gradient.fill(0);
    } else {
      clearRows(gradient, before.length, i -> before[i]);
    }
    touched.put(name, rows);
  }

  private static void clearRows(Tensor table, int count, IntUnaryOperator row) {
    Workers.split(
        count,
        LEAST / Math.max(1, table.shape(1)) + 1,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            table.fillRow(row.applyAsInt(i), 0);
          }
        });
  }

  /** Adds rows[r, at : at + w] to a table's row ids[r], for every id but the padding one. */
  void addRows(String name, int[] ids, Tensor rows, int at) {
    TouchedRows few = alone(name);
    if (few == null) {
      RowTable.scatterAdd(rows, at, ids, read(name));
    } else {
      RowTable.scatterAdd(rows, at, few.places(ids), few.values);
    }
  }

  /** The gradients of only those rows of a table [H, w] that a step touches. */
  private static final class TouchedRows {
    private final int padding;
    private int[] ids = NONE; // ascending
    private Tensor values; // [R, w] or more rows; the last one stands for the padding item
    private boolean alone; // whether nothing else is kept of the table

    TouchedRows(Tensor table) {
      this.padding = table.shape(0) - 1;
      this.values = Tensor.zeros(table.elementType(), 1, table.shape(1));
    }

    void start(int[] touched) {
      int room = values.shape(0) - 1;
      if (touched.length > room) {
        // A little more than is needed: the next step may touch some more.
        values = Tensor.zeros(values.elementType(), touched.length + SPARE, values.shape(1));
      } else {
        clearRows(values, ids.length, i -> i);
      }
      ids = touched;
      alone = true;
    }

    /** The positions of the gradients of some rows, most of which follow each other. */
    int[] places(int[] rows) {
      int[] places = new int[rows.length];
      int last = -1;
      for (int r = 0; r < rows.length; r++) {
        if (rows[r] == padding) {
          places[r] = values.shape(0) - 1;
          continue;
        }
        boolean next = last + 1 < ids.length && ids[last + 1] == rows[r];
        last = next ? last + 1 : Arrays.binarySearch(ids, rows[r]);
        checkState(last >= 0, "row %s was not among those that were about to be added to", rows[r]);
        places[r] = last;
      }
      return places;
    }

    void copyTo(Tensor whole) {
      Rows target = Rows.of(whole);
      Rows source = Rows.of(values);
      for (int i = 0; i < ids.length; i++) {
        target.copy(ids[i], source, i);
      }
    }
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
   * Checks that every gradient is finite. Only the touched rows of a table are checked, if they
   * were recorded.
   *
   * @return the name of the first that holds a NaN or infinite number, or an empty string
   */
  public String firstNonFinite() {
    for (String name : names()) {
      if (!isFinite(name)) {
        return name;
      }
    }
    return "";
  }

  private boolean isFinite(String name) {
    TouchedRows few = alone(name);
    if (few != null) {
      return areFinite(few.values, few.ids.length, i -> i);
    }
    int[] rows = touched.get(name);
    return rows == null
        ? read(name).firstNonFinite() < 0
        : areFinite(read(name), rows.length, i -> rows[i]);
  }

  private static boolean areFinite(Tensor table, int count, IntUnaryOperator row) {
    int width = table.shape(1);
    AtomicBoolean finite = new AtomicBoolean(true);
    Workers.split(
        count,
        LEAST / Math.max(1, width) + 1,
        (from, to) -> {
          // 0 x is NaN where x is not finite, and the sum keeps it.
          double sum = 0;
          for (int i = from; i < to; i++) {
            int start = row.applyAsInt(i) * width;
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
