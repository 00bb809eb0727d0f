package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of what reads files of interactions; each is checked where it is set. Not
 * thread-safe.
 *
 * @param <B> the reader's own builder
 */
public abstract class InteractionDataBuilder<B extends InteractionDataBuilder<B>>
    extends ReaderBuilder<B> {
  private static final ImmutableMap<Role, ImmutableList<String>> USUAL_NAMES =
      ImmutableMap.of(
          Role.USER,
          ImmutableList.of("user_id", "user", "reviewer_id"),
          Role.ITEM,
          ImmutableList.of("item_id", "item", "movie_id", "parent_asin", "asin", "product_id"),
          Role.TIME,
          ImmutableList.of("timestamp", "time", "unix_review_time"),
          Role.RATING,
          ImmutableList.of("rating", "overall"));

  MalformedLines malformedLines = MalformedLines.REJECT;
  OptionalDouble minRating = OptionalDouble.empty();
  private final Map<Role, ImmutableList<String>> names = new EnumMap<>(USUAL_NAMES);
  private final Set<Role> needed = EnumSet.of(Role.USER, Role.ITEM);
  private @Nullable ImmutableList<String> columns;
  private boolean fileOrder;

  InteractionDataBuilder() {}

  /** Gives these options to another builder. */
  <O extends InteractionDataBuilder<O>> O applyTo(O other) {
    minRating.ifPresent(other::minRating);
    return applyFormatTo(other).unknownItems(unknownItems);
  }

  /** Gives the options that say what a file looks like, not what is kept of it, to another. */
  <O extends InteractionDataBuilder<O>> O applyFormatTo(O other) {
    InteractionDataBuilder<O> target = other;
    target.names.putAll(names);
    target.needed.addAll(needed);
    target.columns = columns;
    target.fileOrder = fileOrder;
    return applyLimitsTo(other).malformedLines(malformedLines);
  }

  /** The settings of a reader with these options and a vocabulary, if there is one. */
  InteractionSettings settings(@Nullable ItemVocabulary vocabulary) {
    if (minRating.isPresent()) {
      needed.add(Role.RATING);
    }
    return new InteractionSettings(
        vocabulary,
        unknownItems,
        malformedLines,
        minRating.orElse(Double.NaN),
        ImmutableMap.copyOf(names),
        ImmutableSet.copyOf(needed),
        columns,
        fileOrder,
        limits);
  }

  /** The names of the options set that are for tables or objects with one interaction each. */
  ImmutableList<String> interactionOptions() {
    ImmutableList.Builder<String> options = ImmutableList.builder();
    if (minRating.isPresent()) {
      options.add("minRating");
    }
    for (Role role : USUAL_NAMES.keySet()) {
      if (!USUAL_NAMES.get(role).equals(names.get(role))) {
        options.add(role.option());
      }
    }
    if (columns != null) {
      options.add("columns(...)");
    }
    if (fileOrder) {
      options.add("fileOrder");
    }
    return options.build();
  }

  /**
   * Sets how lines that are not an interaction are handled. The default is {@link
   * MalformedLines#REJECT}. {@link DataFolder} always rejects malformed sequences.
   *
   * @param malformedLines how they are handled
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B malformedLines(MalformedLines malformedLines) {
    this.malformedLines = checkNotNull(malformedLines, "malformedLines");
    return self();
  }

  /**
   * Sets the least rating of an interaction that is kept, so that explicit feedback becomes
   * implicit. Other interactions are left out and counted as {@link DropReason#LOW_RATING}. The
   * file must then have a column of ratings. By default every line is an interaction and ratings
   * are not read.
   *
   * @param minRating a finite number
   * @return this builder
   * @throws IllegalArgumentException if it is not finite
   */
  @CanIgnoreReturnValue
  public B minRating(double minRating) {
    checkArgument(
        Double.isFinite(minRating), "minRating must be a finite number, found %s", minRating);
    this.minRating = OptionalDouble.of(minRating);
    return self();
  }

  /**
   * Sets the name of the column of ratings, which are read only with {@link #minRating(double)}.
   * The default is one of the usual names.
   *
   * @param ratingColumn the name, with or without its type
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   */
  @CanIgnoreReturnValue
  public B ratingColumn(String ratingColumn) {
    names.put(Role.RATING, ImmutableList.of(checkName("ratingColumn", ratingColumn)));
    return self();
  }

  /**
   * Sets the name of the column of users. The default is one of the usual names.
   *
   * @param userColumn the name, with or without its type
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   */
  @CanIgnoreReturnValue
  public B userColumn(String userColumn) {
    names.put(Role.USER, ImmutableList.of(checkName("userColumn", userColumn)));
    return self();
  }

  /**
   * Sets the name of the column of items. The default is one of the usual names.
   *
   * @param itemColumn the name, with or without its type
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   */
  @CanIgnoreReturnValue
  public B itemColumn(String itemColumn) {
    names.put(Role.ITEM, ImmutableList.of(checkName("itemColumn", itemColumn)));
    return self();
  }

  /**
   * Sets the name of the column of times, which the file must then have. The default is one of the
   * usual names, and the column may be missing.
   *
   * @param timeColumn the name, with or without its type
   * @return this builder
   * @throws IllegalArgumentException if the name is blank, or the order of the file is to be kept
   */
  @CanIgnoreReturnValue
  public B timeColumn(String timeColumn) {
    checkArgument(
        !fileOrder, "timeColumn has no effect beside fileOrder, found \"%s\"", timeColumn);
    names.put(Role.TIME, ImmutableList.of(checkName("timeColumn", timeColumn)));
    needed.add(Role.TIME);
    return self();
  }

  /**
   * Sets the names of all columns of a table whose first line is already an interaction: {@code
   * columns("user_id", "item_id", "timestamp")}. By default the first line names them.
   *
   * @param columns the names of all columns, from the left
   * @return this builder
   * @throws IllegalArgumentException if there is no name or one is blank
   */
  @CanIgnoreReturnValue
  public B columns(String... columns) {
    checkArgument(columns.length > 0, "columns must name at least one column, found none");
    for (String name : columns) {
      checkName("columns", name);
    }
    this.columns = ImmutableList.copyOf(columns);
    return self();
  }

  private static String checkName(String option, String name) {
    checkArgument(
        !InteractionTable.normalize(name).isEmpty(),
        "%s must be a name that is not blank, found \"%s\"",
        option,
        name);
    return name;
  }

  /**
   * Sets whether interactions stay in the order of the file, which must then be that of time. Times
   * are not read. The default is false: interactions are sorted by time, and a file without times
   * is rejected if one of its columns looks like times.
   *
   * @param fileOrder whether they do
   * @return this builder
   * @throws IllegalArgumentException if a column of times is named
   */
  @CanIgnoreReturnValue
  public B fileOrder(boolean fileOrder) {
    checkArgument(
        !fileOrder || !needed.contains(Role.TIME),
        "fileOrder has no effect beside timeColumn, found %s",
        names.get(Role.TIME));
    this.fileOrder = fileOrder;
    return self();
  }
}
