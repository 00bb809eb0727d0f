package io.github.alphafuse.examples.web;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds items by words of their title or id, without regard to case and accents.
 *
 * <p>Immutable and thread-safe.
 */
final class ItemSearch {
  /** The most words of a query, which bounds the work. */
  private static final int MOST_WORDS = 16;

  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern GAPS = Pattern.compile("[^\\p{L}\\p{N}]+");

  private final ItemVocabulary vocabulary;

  /** The words of the title and of the id by row: {@code " red shoe\n sku 7"}. */
  private final ImmutableList<String> words;

  ItemSearch(ItemVocabulary vocabulary, Map<String, String> titles) {
    this.vocabulary = vocabulary;
    this.words =
        vocabulary.ids().stream()
            .map(id -> " " + plain(titles.getOrDefault(id, "")) + "\n " + plain(id))
            .collect(ImmutableList.toImmutableList());
  }

  /** How well an item matches, best first. */
  private enum Match {
    /** The title or the id begins with the query. */
    BEGINNING,
    /** Every word of the query begins a word. */
    PREFIXES,
    /** Every word of the query is part of a word. */
    PARTS
  }

  /**
   * The best items.
   *
   * @param query words that the title or id must all have; without any, all items match
   * @param count the most items
   * @return ids, in the order of the catalogue where the match is the same
   */
  ImmutableList<String> find(String query, int count) {
    if (query.isBlank()) {
      return ImmutableList.copyOf(vocabulary.ids().subList(0, Math.min(count, vocabulary.size())));
    }
    String plain = plain(query);
    List<String> wanted = Splitter.on(' ').omitEmptyStrings().splitToList(plain);
    if (wanted.isEmpty()) {
      return ImmutableList.of();
    }
    if (wanted.size() > MOST_WORDS) {
      throw RefusedException.badRequest(
          "query must have at most " + MOST_WORDS + " words, found " + wanted.size());
    }
    List<List<String>> found = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int row = 0; row < words.size(); row++) {
      if (contains(words.get(row), wanted, "")) {
        List<String> alike = found.get(match(words.get(row), plain, wanted).ordinal());
        if (alike.size() < count) {
          alike.add(vocabulary.id(row));
        }
      }
    }
    return found.stream()
        .flatMap(List::stream)
        .limit(count)
        .collect(ImmutableList.toImmutableList());
  }

  private static Match match(String item, String query, List<String> wanted) {
    if (item.startsWith(" " + query) || item.contains("\n " + query)) {
      return Match.BEGINNING;
    }
    return contains(item, wanted, " ") ? Match.PREFIXES : Match.PARTS;
  }

  private static boolean contains(String item, List<String> wanted, String before) {
    for (String word : wanted) {
      if (!item.contains(before + word)) {
        return false;
      }
    }
    return true;
  }

  /** Lower-case words without accents, with one space between them. */
  private static String plain(String text) {
    String letters = MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD)).replaceAll("");
    return GAPS.matcher(letters.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
  }
}
