package io.github.alphafuse.examples.option;

/** Thrown when a command cannot continue for a reason that the user can resolve. */
public class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception with a message for the user.
   *
   * @param message what is wrong and what to do
   */
  public CommandFailedException(String message) {
    super(message);
  }
}
