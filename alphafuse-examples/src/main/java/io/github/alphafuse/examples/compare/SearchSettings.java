package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;

/**
 * How settings are searched for by successive halving.
 *
 * @param space the settings to choose from
 * @param trials how many are drawn
 * @param keepOneOf of how many trials one goes on, at least 2
 * @param drawSeed the seed of the settings that are drawn
 * @param runSeed the seed of every run
 */
public record SearchSettings(
    SearchSpace space, int trials, int keepOneOf, long drawSeed, long runSeed) {

  /** The settings of each trial; fewer than asked for where there are no more. */
  List<ImmutableMap<String, String>> draw() {
    return space.draw(trials, drawSeed);
  }

  /** The epochs of each round: the last has all, those before a share. */
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
