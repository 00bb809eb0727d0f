package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a search by successive halving.
 *
 * @param space the settings to choose from
 * @param trials the number of settings to draw
 * @param keepOneOf N, at least 2: one of N trials continues to the next round
 * @param drawSeed the seed for drawing the settings
 * @param runSeed the seed of every run
 */
public record SearchSettings(
    SearchSpace space, int trials, int keepOneOf, long drawSeed, long runSeed) {

  /** Returns the settings of each trial, up to {@code trials} different ones. */
  List<ImmutableMap<String, String>> draw() {
    return space.draw(trials, drawSeed);
  }

  /**
   * Returns the epochs of each round. The last round has all epochs, earlier rounds have a share.
   */
  ImmutableList<Integer> budgets(int epochs, int count) {
    List<Integer> budgets = new ArrayList<>(List.of(epochs));
    int alive = count;
    while (alive >= keepOneOf && budgets.get(0) > 1) {
      budgets.add(0, Math.max(1, budgets.get(0) / keepOneOf));
      alive /= keepOneOf;
    }
    return ImmutableList.copyOf(budgets);
  }

  @Override
  public String toString() {
    return space.texts() + ", " + trials + " of seed " + drawSeed + ", 1 of " + keepOneOf;
  }
}
