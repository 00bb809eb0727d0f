package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One interaction of a user with an item, as a line of a file has it, for {@link
 * InteractionReader#read(java.util.stream.Stream)}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param user the user
 * @param item the item
 * @param time when it was, as in a file: a number of any unit, or a time stamp of ISO 8601 or SQL
 * @param rating the rating, if there is one
 */
public record Interaction(String user, String item, Optional<String> time, OptionalDouble rating) {

  /**
   * Checks that nothing is null.
   *
   * @param user the user
   * @param item the item
   * @param time when it was
   * @param rating the rating
   */
  public Interaction {
    checkNotNull(user, "user");
    checkNotNull(item, "item");
    checkNotNull(time, "time");
    checkNotNull(rating, "rating");
  }

  /**
   * An interaction without a time and a rating.
   *
   * @param user the user
   * @param item the item
   * @return the interaction
   */
  public static Interaction of(String user, String item) {
    return new Interaction(user, item, Optional.empty(), OptionalDouble.empty());
  }

  /**
   * The same interaction at an instant.
   *
   * @param instant when it was
   * @return a copy
   */
  public Interaction at(Instant instant) {
    return new Interaction(user, item, Optional.of(instant.toString()), rating);
  }

  /**
   * The same interaction at a time that is a number.
   *
   * @param number when it was, in the unit of the other interactions
   * @return a copy
   */
  public Interaction at(long number) {
    return new Interaction(user, item, Optional.of(Long.toString(number)), rating);
  }

  /**
   * The same interaction with a rating.
   *
   * @param value the rating
   * @return a copy
   */
  public Interaction rated(double value) {
    return new Interaction(user, item, time, OptionalDouble.of(value));
  }
}
