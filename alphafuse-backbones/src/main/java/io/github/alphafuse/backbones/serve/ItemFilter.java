package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.MapMaker;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import java.util.BitSet;
import java.util.Collection;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A set of items that may be recommended, for many requests.
 *
 * <p>The set is given by ids. The rows that they have in a model are looked up at the first request
 * to it and kept as long as the model is used, so that a set of many sold-out items costs a request
 * next to nothing, also if requests go to several models by turns. A set that changed is a new
 * filter.
 *
 * <p>Immutable and thread-safe.
 */
public final class ItemFilter implements Predicate<String> {
  private final Set<String> ids;
  private final boolean allowed;
  private final @Nullable Predicate<String> predicate;

  /** The rows by vocabulary, as long as someone else holds the vocabulary; made when needed. */
  private volatile @Nullable ConcurrentMap<ItemVocabulary, BitSet> known;

  private ItemFilter(Set<String> ids, boolean allowed, @Nullable Predicate<String> predicate) {
    this.ids = ids;
    this.allowed = allowed;
    this.predicate = predicate;
  }

  /**
   * A filter that lets some items through and no others.
   *
   * @param ids their ids; those that a model does not know have no effect
   * @return the filter
   */
  public static ItemFilter allow(Collection<String> ids) {
    return new ItemFilter(ImmutableSet.copyOf(ids), true, null);
  }

  /**
   * A filter that lets all items through but some.
   *
   * @param ids their ids; those that a model does not know have no effect
   * @return the filter
   */
  public static ItemFilter deny(Collection<String> ids) {
    return new ItemFilter(ImmutableSet.copyOf(ids), false, null);
  }

  /**
   * A filter that asks a predicate once per item of a model, at the first request to it. For an
   * answer that changes by itself, give the predicate to the request instead.
   *
   * @param predicate returns true for an id that may be recommended
   * @return the filter
   */
  public static ItemFilter matching(Predicate<String> predicate) {
    return new ItemFilter(ImmutableSet.of(), true, checkNotNull(predicate, "predicate"));
  }

  /**
   * A filter by rows of a model's vocabulary. Requests to a model with another vocabulary use the
   * ids of the rows.
   *
   * @param vocabulary the items
   * @param allowed the rows that may be recommended; copied
   * @return the filter
   * @throws IllegalArgumentException if a row is outside the vocabulary
   */
  public static ItemFilter ofRows(ItemVocabulary vocabulary, BitSet allowed) {
    checkArgument(
        allowed.length() <= vocabulary.size(),
        "allowed must lie in [0, %s), found %s",
        vocabulary.size(),
        allowed.length() - 1);
    BitSet rows = (BitSet) allowed.clone();
    ItemFilter filter =
        matching(
            id -> {
              OptionalInt row = vocabulary.find(id);
              return row.isPresent() && rows.get(row.getAsInt());
            });
    filter.known().put(vocabulary, rows);
    return filter;
  }

  /**
   * Whether an item may be recommended.
   *
   * @param id its id
   * @return true if it may
   */
  @Override
  public boolean test(String id) {
    return predicate != null ? predicate.test(id) : ids.contains(id) == allowed;
  }

  /** The rows that pass, shared: not to be changed. */
  BitSet rows(ItemVocabulary vocabulary) {
    ConcurrentMap<ItemVocabulary, BitSet> cache = known;
    BitSet rows = cache == null ? null : cache.get(vocabulary);
    return rows == null ? found(vocabulary) : rows;
  }

  /** Looks the rows up once, however many requests ask for them at the same time. */
  private synchronized BitSet found(ItemVocabulary vocabulary) {
    ConcurrentMap<ItemVocabulary, BitSet> cache = known();
    BitSet rows = cache.get(vocabulary);
    if (rows == null) {
      rows = rowsOf(vocabulary);
      cache.put(vocabulary, rows);
    }
    return rows;
  }

  private synchronized ConcurrentMap<ItemVocabulary, BitSet> known() {
    ConcurrentMap<ItemVocabulary, BitSet> cache = known;
    if (cache == null) {
      // Compares vocabularies by identity: equal ones need not be compared id by id.
      cache = new MapMaker().weakKeys().concurrencyLevel(1).makeMap();
      known = cache;
    }
    return cache;
  }

  /** The rows that pass, which are not kept. */
  BitSet rowsOf(ItemVocabulary vocabulary) {
    BitSet rows = new BitSet(vocabulary.size());
    if (predicate == null) {
      if (!allowed) {
        rows.set(0, vocabulary.size());
      }
      for (String id : ids) {
        vocabulary.find(id).ifPresent(row -> rows.set(row, allowed));
      }
      return rows;
    }
    for (int row = 0; row < vocabulary.size(); row++) {
      rows.set(row, predicate.test(vocabulary.id(row)));
    }
    return rows;
  }
}
