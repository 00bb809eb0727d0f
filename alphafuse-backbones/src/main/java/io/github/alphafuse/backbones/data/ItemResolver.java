package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the item ids that a reader finds. They are looked up in a vocabulary, or numbered by
 * first appearance if there is none. Not thread-safe.
 */
final class ItemResolver {
  /** The row of an item that is skipped. */
  static final int SKIPPED = -1;

  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d+");

  private final @Nullable ItemVocabulary vocabulary;
  private final UnknownItems unknownItems;
  private final boolean rowNumbers;
  private final int size;
  private final Map<String, Integer> rows = new HashMap<>();
  private final List<String> ids = new ArrayList<>();
  private final Set<String> skippedIds = new LinkedHashSet<>();
  private long skippedInteractions;

  ItemResolver(@Nullable ItemVocabulary vocabulary, UnknownItems unknownItems) {
    this.vocabulary = vocabulary;
    this.unknownItems = unknownItems;
    this.rowNumbers = vocabulary != null && vocabulary.isRowNumbers();
    this.size = vocabulary == null ? 0 : vocabulary.size();
  }

  /** The number of items whose ids are their rows; 0 if ids are looked up. */
  int rowNumbers() {
    return rowNumbers ? size : 0;
  }

  /** The row of an id, or {@link #SKIPPED}. */
  int row(String id, Place place) {
    if (vocabulary == null) {
      Integer known = rows.get(id);
      if (known != null) {
        return known;
      }
      if (!StorableText.isStorable(id)) {
        throw new MalformedLineException(
            place,
            "expected an item without line breaks and halves of surrogate pairs, found \"%s\"",
            StorableText.escape(id));
      }
      int row = ids.size();
      rows.put(id, row);
      ids.add(id);
      return row;
    }
    int row = vocabulary.rowOrAbsent(id);
    if (row >= 0) {
      return row;
    }
    if (unknownItems == UnknownItems.REJECT) {
      throw unknown(StorableText.escape(id), place);
    }
    skippedIds.add(id);
    skippedInteractions++;
    return SKIPPED;
  }

  private IllegalArgumentException unknown(String id, Place place) {
    if (!rowNumbers) {
      return place.error("item \"%s\" is not one of the %s items of the vocabulary", id, size);
    }
    return INTEGER.matcher(id).matches()
        ? place.error("item %s is outside the catalogue of %s items", id, size)
        : place.error("expected an item row from 0 to %s, found \"%s\"", size - 1, id);
  }

  /** The given vocabulary, or the one of the ids seen so far. */
  ItemVocabulary vocabulary() {
    return vocabulary != null ? vocabulary : ItemVocabulary.of(ids);
  }

  /** The skipped items, with the number of users of whom nothing remained. */
  SkippedItems skipped(int userCount) {
    return new SkippedItems(
        skippedIds.size(),
        skippedInteractions,
        userCount,
        ImmutableList.copyOf(Iterables.limit(skippedIds, ItemCoverage.EXAMPLES)));
  }

  /** Whether an item was skipped. */
  boolean hasSkipped() {
    return skippedInteractions > 0;
  }

  /** The error of a file in which no item is known. */
  IllegalArgumentException nothingKnown(Source source) {
    SkippedItems skipped = skipped(0);
    return source.error(
        "expected at least one item of the vocabulary of %s items, found only unknown ones (e.g."
            + " %s)",
        checkNotNull(vocabulary).size(), String.join(", ", skipped.examples()));
  }
}
