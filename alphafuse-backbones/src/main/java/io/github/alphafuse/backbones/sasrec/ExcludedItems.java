package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import java.util.Arrays;

/**
 * The items that are not negatives of a target of a batch: those of the history up to the target's
 * position, if a loss excludes them, and the target itself among shared items.
 *
 * <p>Legend: X pairs of a target and an item; pairs may be repeated.
 *
 * @param items [X] item rows, ascending
 * @param targets [X] numbers of targets
 */
record ExcludedItems(int[] items, int[] targets) {

  /**
   * The exclusions of a loss in a batch. The order is used for sorting, so nobody else may use it
   * meanwhile.
   */
  static ExcludedItems of(PaddedBatch batch, RankingLoss loss, ItemOrder order) {
    Pairs pairs = new Pairs();
    boolean own = loss.contrast() == Contrast.SHARED;
    if (own || loss.excludesHistory()) {
      int[] histories = batch.histories();
      int[] places = batch.places();
      for (int p = 0; p < places.length; p++) {
        int target = batch.targets()[p];
        if (own) {
          pairs.add(target, p);
        }
        int first = places[p] / batch.length() * batch.length();
        for (int i = first; loss.excludesHistory() && i <= places[p]; i++) {
          int item = histories[i];
          // The target stays, even if it was seen before.
          if (item != batch.padding() && item != target) {
            pairs.add(item, p);
          }
        }
      }
    }
    order.sort(Arrays.copyOf(pairs.items, pairs.count), batch.padding());
    int[] items = new int[pairs.count];
    int[] targets = new int[pairs.count];
    for (int i = 0; i < items.length; i++) {
      int place = order.places()[i];
      items[i] = pairs.items[place];
      targets[i] = pairs.targets[place];
    }
    return new ExcludedItems(items, targets);
  }

  /** A list that grows. */
  private static final class Pairs {
    private int[] items = new int[1024];
    private int[] targets = new int[1024];
    private int count;

    void add(int item, int target) {
      if (count == items.length) {
        items = Arrays.copyOf(items, 2 * count);
        targets = Arrays.copyOf(targets, 2 * count);
      }
      items[count] = item;
      targets[count++] = target;
    }
  }

  int size() {
    return items.length;
  }
}
