package io.github.alphafuse.backbones.evaluate;

/** Thrown if a score of a model is NaN, for example because its training diverged. */
public final class UndefinedScoreException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UndefinedScoreException(String message) {
    super(message);
  }
}
