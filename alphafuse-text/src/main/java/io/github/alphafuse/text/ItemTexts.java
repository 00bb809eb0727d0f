package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.ItemCatalogue.Item;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The texts of items in row order, and how messages name the items. */
final class ItemTexts {
  private static final int MOST_EXAMPLES = 5;
  private static final int MOST_CHARACTERS = 60;

  private final ImmutableList<String> texts;
  private final Optional<ImmutableList<String>> ids;

  private ItemTexts(ImmutableList<String> texts, Optional<ImmutableList<String>> ids) {
    this.texts = texts;
    this.ids = ids;
  }

  static ItemTexts of(List<String> texts) {
    checkArgument(!texts.isEmpty(), "texts must have at least one text, found none");
    for (int row = 0; row < texts.size(); row++) {
      checkNotNull(texts.get(row), "text %s is null", row);
    }
    return new ItemTexts(ImmutableList.copyOf(texts), Optional.empty());
  }

  /** The texts of a catalogue, with the title where the text is blank. */
  static ItemTexts of(ItemCatalogue catalogue) {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (Item item : catalogue.items()) {
      texts.add(item.text().isBlank() ? item.title() : item.text());
    }
    return new ItemTexts(texts.build(), Optional.of(catalogue.ids()));
  }

  int size() {
    return texts.size();
  }

  Optional<ImmutableList<String>> ids() {
    return ids;
  }

  /** The rows of each text that is not blank, in the order in which the texts occur first. */
  Map<String, List<Integer>> rowsByText() {
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < size(); row++) {
      if (!texts.get(row).isBlank()) {
        rows.computeIfAbsent(texts.get(row), text -> new ArrayList<>(1)).add(row);
      }
    }
    return rows;
  }

  List<Integer> blankRows() {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < size(); row++) {
      if (texts.get(row).isBlank()) {
        rows.add(row);
      }
    }
    return rows;
  }

  void requireNoBlank(List<Integer> blank) {
    checkArgument(
        blank.isEmpty(),
        "%s of %s items have neither a text nor a title: %s%s; give them one, leave them out, or set"
            + " blankTexts",
        blank.size(),
        size(),
        Joiner.on(", ").join(blank.stream().limit(MOST_EXAMPLES).map(this::name).iterator()),
        blank.size() > MOST_EXAMPLES ? ", ..." : "");
  }

  private String name(int row) {
    return ids.map(all -> "'" + all.get(row) + "'").orElse("number " + row);
  }

  /** For example {@code item 'B0001' ("Chess set, wood")}. */
  String describe(int row) {
    String text = texts.get(row);
    int shown = Math.min(MOST_CHARACTERS, text.codePointCount(0, text.length()));
    int end = text.offsetByCodePoints(0, shown);
    return "item "
        + name(row)
        + " (\""
        + text.substring(0, end)
        + (end < text.length() ? "..." : "")
        + "\")";
  }
}
