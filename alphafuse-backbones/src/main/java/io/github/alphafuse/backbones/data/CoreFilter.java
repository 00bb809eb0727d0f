package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Leaves out users and items with too few interactions until none has too few. Each round visits
 * all users, then all items. The result does not depend on the order. For single use; not
 * thread-safe.
 */
final class CoreFilter {
  private final SequenceDataset dataset;
  private final int leastOfUser;
  private final int leastOfItem;
  private final Dropped.Counter rareUsers = new Dropped.Counter(DropReason.RARE_USER);
  private final Dropped.Counter rareItems = new Dropped.Counter(DropReason.RARE_ITEM);

  /** The number of remaining interactions per user. */
  private final int[] ofUser;

  /** The number of remaining interactions per item. */
  private final long[] ofItem;

  private final BitSet users = new BitSet();
  private final BitSet items = new BitSet();

  CoreFilter(SequenceDataset dataset, int leastOfUser, int leastOfItem) {
    this.dataset = dataset;
    this.leastOfUser = leastOfUser;
    this.leastOfItem = leastOfItem;
    this.ofUser = dataset.sequences().stream().mapToInt(UserSequence::length).toArray();
    this.ofItem = dataset.itemFrequencies();
    users.set(0, ofUser.length);
    for (int item = 0; item < ofItem.length; item++) {
      items.set(item, ofItem[item] > 0);
    }
  }

  /** The remaining sequences. */
  ImmutableList<UserSequence> filter() {
    boolean changed = true;
    while (changed) {
      changed = dropUsers() | dropItems();
    }
    ImmutableList.Builder<UserSequence> kept =
        ImmutableList.builderWithExpectedSize(users.cardinality());
    users.stream().forEach(user -> kept.add(left(dataset.sequences().get(user), ofUser[user])));
    return kept.build();
  }

  private UserSequence left(UserSequence sequence, int count) {
    return count == sequence.length()
        ? sequence
        : sequence.at(
            IntStream.range(0, sequence.length()).filter(i -> items.get(sequence.item(i))));
  }

  private boolean dropUsers() {
    BitSet rare = new BitSet();
    users.stream().filter(user -> ofUser[user] < leastOfUser).forEach(rare::set);
    rare.stream().forEach(this::dropUser);
    return !rare.isEmpty();
  }

  private void dropUser(int user) {
    UserSequence sequence = dataset.sequences().get(user);
    if (rareUsers.wantsExample()) {
      rareUsers.example(sequence.user());
    }
    rareUsers.add(ofUser[user]);
    users.clear(user);
    for (int item : sequence.itemsShared()) {
      if (items.get(item)) {
        ofItem[item]--;
      }
    }
  }

  private boolean dropItems() {
    BitSet rare = new BitSet();
    items.stream().filter(item -> ofItem[item] < leastOfItem).forEach(rare::set);
    if (rare.isEmpty()) {
      return false;
    }
    rare.stream()
        .forEach(
            item -> {
              if (rareItems.wantsExample()) {
                rareItems.example(dataset.vocabulary().id(item));
              }
              rareItems.add(ofItem[item]);
            });
    items.andNot(rare);
    users.stream()
        .forEach(
            user -> {
              for (int item : dataset.sequences().get(user).itemsShared()) {
                ofUser[user] -= rare.get(item) ? 1 : 0;
              }
            });
    return true;
  }

  /** The users left out so far. */
  Dropped.Counter rareUsers() {
    return rareUsers;
  }

  /** The items left out so far. */
  Dropped.Counter rareItems() {
    return rareItems;
  }
}
