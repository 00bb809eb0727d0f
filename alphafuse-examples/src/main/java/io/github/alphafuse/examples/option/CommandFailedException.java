package io.github.alphafuse.examples.option;

/** A command that cannot go on, for a reason that the user can do something about. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception with a message for the user.
   *
   * @param message what is wrong and what to do
   */
  public CommandFailedException(String message) {
    super(message);
  }
}
