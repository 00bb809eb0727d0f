package io.github.alphafuse.examples;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A stream that drops the lines that ND4J prints to standard output while it builds a gradient
 * graph, and passes everything else on.
 *
 * <p>It holds back only the start of a line, and only while the line may still be one to drop.
 */
final class Nd4jNoiseFilter extends FilterOutputStream {
  private static final byte[] NOISE =
      "Added differentiated op ".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private boolean lineStart = true;
  private boolean dropping;

  Nd4jNoiseFilter(OutputStream out) {
    super(out);
  }

  @Override
  public synchronized void write(int b) throws IOException {
    if (dropping) {
      dropping = b != '\n';
      lineStart = !dropping;
      return;
    }
    if (lineStart && b == NOISE[held.size()]) {
      held.write(b);
      if (held.size() == NOISE.length) {
        held.reset();
        dropping = true;
      }
      return;
    }
    release();
    out.write(b);
    lineStart = b == '\n';
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      if (lineStart || dropping) {
        write(bytes[from++]);
        continue;
      }
      int to = from;
      while (to < end && bytes[to] != '\n') {
        to++;
      }
      to = Math.min(end, to + 1);
      out.write(bytes, from, to - from);
      lineStart = bytes[to - 1] == '\n';
      from = to;
    }
  }

  private void release() throws IOException {
    held.writeTo(out);
    held.reset();
    lineStart = false;
  }

  @Override
  public synchronized void close() throws IOException {
    if (held.size() > 0) {
      release();
    }
    super.close();
  }
}
