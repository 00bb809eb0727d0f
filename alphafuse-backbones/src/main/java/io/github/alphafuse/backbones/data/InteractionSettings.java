package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a reader of interactions.
 *
 * @param vocabulary the items; null to number them by first appearance
 * @param unknownItems how other items are handled
 * @param malformedLines how lines that are not an interaction are handled
 * @param minRating the least rating of an interaction that is kept, NaN to keep all
 * @param names the possible names of the column per role, of which the first that is found is used
 * @param needed the roles without which a file is rejected
 * @param columns the names of all columns; null if the file has them
 * @param fileOrder whether interactions stay in the order of the file
 * @param limits the limits of a file
 */
record InteractionSettings(
    @Nullable ItemVocabulary vocabulary,
    UnknownItems unknownItems,
    MalformedLines malformedLines,
    double minRating,
    ImmutableMap<Role, ImmutableList<String>> names,
    ImmutableSet<Role> needed,
    @Nullable ImmutableList<String> columns,
    boolean fileOrder,
    ReadingLimits limits) {

  /** The names that the column of a role may have. */
  ImmutableList<String> columns(Role role) {
    return names.getOrDefault(role, ImmutableList.of());
  }

  /** Whether the user of the reader named the column of a role. */
  boolean isNamed(Role role) {
    return columns(role).size() == 1;
  }

  /** Whether a file needs a column of this role. */
  boolean isNeeded(Role role) {
    return needed.contains(role);
  }
}
