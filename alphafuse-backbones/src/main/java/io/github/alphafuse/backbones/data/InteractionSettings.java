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
 * @param namesGiven whether the columns were named rather than read from the file
 */
record InteractionSettings(
    @Nullable ItemVocabulary vocabulary,
    UnknownItems unknownItems,
    MalformedLines malformedLines,
    double minRating,
    ImmutableMap<Role, ImmutableList<String>> names,
    ImmutableSet<Role> needed,
    boolean namesGiven) {

  /** The names that the column of a role may have. */
  ImmutableList<String> columns(Role role) {
    return names.getOrDefault(role, ImmutableList.of());
  }

  /** Whether a file needs a column of this role. */
  boolean isNeeded(Role role) {
    return needed.contains(role);
  }
}
