package io.github.alphafuse.backbones.evaluate;

/** Is thrown where a model gives NaN as a score, as one whose weights went out of range does. */
public final class UndefinedScoreException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UndefinedScoreException(String message) {
    super(message);
  }
}
