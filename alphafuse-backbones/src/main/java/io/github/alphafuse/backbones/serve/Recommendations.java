package io.github.alphafuse.backbones.serve;

import com.google.common.collect.ImmutableList;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a request: an unmodifiable list of the recommended items, best first, and how it
 * came about.
 *
 * <p>Two answers are equal if their items are, as lists. Immutable and thread-safe.
 */
public final class Recommendations extends AbstractList<Recommendation> {
  private final ImmutableList<Recommendation> items;
  private final String version;
  private final int unknownItems;
  private final Optional<String> fallback;

  Recommendations(List<Recommendation> items, Origin origin) {
    this.items = ImmutableList.copyOf(items);
    this.version = origin.version;
    this.unknownItems = origin.unknownItems;
    this.fallback = origin.fallback;
  }

  /** The version of the model, the number of unknown items, and the fallback if it was used. */
  record Origin(String version, int unknownItems, Optional<String> fallback) {}

  @Override
  public Recommendation get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }

  /**
   * The ids of the items.
   *
   * @return the ids, best first
   */
  public ImmutableList<String> ids() {
    return items.stream().map(Recommendation::item).collect(ImmutableList.toImmutableList());
  }

  /**
   * The version of the model that answered.
   *
   * @return the {@link Recommender#version()}
   */
  public String version() {
    return version;
  }

  /**
   * The number of items of the history that the model does not know, which were left out.
   *
   * @return 0 or more
   */
  public int unknownItems() {
    return unknownItems;
  }

  /**
   * Whether no item of the history was known, so that the answer is that for everyone.
   *
   * @return true if the model's fallback answered
   */
  public boolean isFallback() {
    return fallback.isPresent();
  }

  /**
   * What the fallback ranks by, if it answered.
   *
   * @return for example {@code popularity in the graph}
   */
  public Optional<String> fallback() {
    return fallback;
  }
}
