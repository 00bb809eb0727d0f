package io.github.alphafuse.backbones.data;

import java.io.Closeable;

/** The parts of a text file that hold one thing each. Not thread-safe. */
interface TextLines extends Closeable {
  /** Goes to the next part that is not blank; false at the end of the file. */
  boolean next();

  /** The number of the line, from 1, on which the current part begins. */
  long line();

  /** The place where the current part begins. */
  Place place();

  /** The current part as text. */
  String text();

  @Override
  void close();
}
