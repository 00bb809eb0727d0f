package io.github.alphafuse.examples.data;

import com.google.common.base.Throwables;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.util.Locale;
import java.util.function.Supplier;

/** The embedding models that run in this process, without a network. */
public enum TextModel {
  /**
   * all-MiniLM-L6-v2 with weights of 8 bits: 384 numbers of norm 1, for English. Up to 510 tokens
   * are read at once; a longer text gets the weighted mean of its parts.
   */
  MINILM(
      "minilm",
      // In the caller's thread: the threads of ONNX Runtime share the work on each text.
      () -> new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run));

  private final String label;
  private final Supplier<EmbeddingModel> constructor;

  TextModel(String label, Supplier<EmbeddingModel> constructor) {
    this.label = label;
    this.constructor = constructor;
  }

  /**
   * Loads the model, whose native libraries are unpacked into the folder for temporary files and
   * the user's cache of DJL. Nothing is downloaded.
   *
   * @return the model, thread-safe
   * @throws IllegalStateException if its libraries cannot be unpacked or do not run on this machine
   */
  public EmbeddingModel load() {
    // The tokenizer would look for libraries of its own for graphics cards, and report its use.
    setUnlessSet("ai.djl.offline", "true");
    setUnlessSet("OPT_OUT_TRACKING", "true");
    try {
      return constructor.get();
    } catch (RuntimeException | LinkageError e) {
      Throwable reason = Throwables.getRootCause(e);
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "cannot load the text model %s: its native libraries are unpacked into the folder for"
                  + " temporary files, %s (set it by -Djava.io.tmpdir), and into .djl.ai in the"
                  + " home folder (set it by DJL_CACHE_DIR); both must be writable and allow"
                  + " programs: %s",
              label,
              System.getProperty("java.io.tmpdir"),
              reason),
          e);
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * The name on the command line, under which caches keep its vectors too.
   *
   * @return for example {@code minilm}
   */
  @Override
  public String toString() {
    return label;
  }
}
