package io.github.alphafuse.examples.web;

/** Thrown for a request that is not answered, with the status that says why. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  private RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** A request that is not understood. */
  static RefusedException badRequest(String message) {
    return new RefusedException(400, message);
  }

  static RefusedException notFound(String message) {
    return new RefusedException(404, message);
  }

  static RefusedException notOffered(String message) {
    return new RefusedException(409, message);
  }

  static RefusedException withStatus(int status, String message) {
    return new RefusedException(status, message);
  }

  int status() {
    return status;
  }
}
