package io.github.alphafuse.text;

/** A receiver of how far an encoder has come. */
@FunctionalInterface
public interface EncodingListener {
  /**
   * Takes the progress. It is called once before the first request and then after each answer, by
   * one thread at a time, which need not be the caller's. What it throws stops the encoder.
   *
   * @param progress how many items are done
   */
  void onProgress(EncodingProgress progress);
}
