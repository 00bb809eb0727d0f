package io.github.alphafuse.core.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The unchecked form of a failure to read or write a file. Its message names the file and gives the
 * system's reason, so that a caller who shows the message alone shows both.
 */
public final class FileFailure {
  private FileFailure() {}

  /**
   * The failure to write a file.
   *
   * @param file the file as the caller named it
   * @param cause what the system reported
   * @return for example {@code cannot write model.alphafuse: No space left on device}
   */
  public static UncheckedIOException writing(Path file, IOException cause) {
    return of("cannot write " + file, cause);
  }

  /**
   * The failure to read a file or stream.
   *
   * @param source the file or stream as the caller named it
   * @param cause what the system reported
   * @return for example {@code cannot read model.alphafuse: no such file or folder}
   */
  public static UncheckedIOException reading(Object source, IOException cause) {
    return of("cannot read " + source, cause);
  }

  /**
   * The failure of any task.
   *
   * @param task what could not be done
   * @param cause what the system reported
   * @return the task and the reason
   */
  public static UncheckedIOException of(String task, IOException cause) {
    return new UncheckedIOException(task + ": " + reason(cause), cause);
  }

  /**
   * The reason of a failure in plain words, without the name of a file.
   *
   * @param cause what the system reported
   * @return for example {@code permission denied}
   */
  public static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (cause instanceof FileAlreadyExistsException) {
      return "there is a file of this name";
    }
    if (cause instanceof FileSystemLoopException) {
      return "its symbolic links form a loop";
    }
    if (cause instanceof CharacterCodingException) {
      return "a text is not valid Unicode";
    }
    String reason =
        cause instanceof FileSystemException system ? system.getReason() : cause.getMessage();
    return reason == null || reason.isBlank() ? cause.getClass().getSimpleName() : reason;
  }
}
