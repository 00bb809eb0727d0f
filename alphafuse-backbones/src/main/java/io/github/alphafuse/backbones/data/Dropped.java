package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/**
 * Data that was left out for one reason.
 *
 * <p>Immutable and thread-safe.
 *
 * @param reason the reason
 * @param count the number of lines, interactions, users or items, depending on the reason; at least
 *     1
 * @param interactions the number of interactions that were lost with them; 0 for malformed lines
 * @param examples up to five examples: the error of a line, the line of an interaction, the user
 *     and the item, the key of a user or the id of an item
 */
public record Dropped(
    DropReason reason, long count, long interactions, ImmutableList<String> examples) {

  /**
   * The number, the reason and the examples.
   *
   * @return for example {@code 12 users with too few interactions, 30 interactions of theirs (e.g.
   *     u7, u9)}
   */
  @Override
  public String toString() {
    return count
        + " "
        + reason.description()
        + (reason.isWhole() ? ", " + interactions + " interactions of theirs" : "")
        + " (e.g. "
        + String.join(", ", examples)
        + ")";
  }

  /** Counts data that is left out for one reason. Not thread-safe. */
  static final class Counter {
    private final DropReason reason;
    private final List<String> examples = new ArrayList<>();
    private long count;
    private long interactions;

    Counter(DropReason reason) {
      this.reason = reason;
    }

    /** Whether another example is wanted. */
    boolean wantsExample() {
      return examples.size() < ItemCoverage.EXAMPLES;
    }

    void example(String text) {
      examples.add(text);
    }

    void add(long interactionCount) {
      count++;
      interactions += interactionCount;
    }

    long count() {
      return count;
    }

    /** Appends the counted data, if there is any. */
    void appendTo(ImmutableList.Builder<Dropped> list) {
      if (count > 0) {
        list.add(new Dropped(reason, count, interactions, ImmutableList.copyOf(examples)));
      }
    }
  }
}
