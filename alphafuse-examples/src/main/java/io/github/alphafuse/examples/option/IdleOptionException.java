package io.github.alphafuse.examples.option;

/** Thrown when an option was given that has no effect in its command line. */
public final class IdleOptionException extends CommandFailedException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception with a message for the user.
   *
   * @param message the option, and what would make it take effect
   */
  public IdleOptionException(String message) {
    super(message);
  }
}
