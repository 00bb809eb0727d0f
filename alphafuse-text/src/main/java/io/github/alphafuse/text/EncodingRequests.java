package io.github.alphafuse.text;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks a model for the vectors of texts, again if that fails, and checks what it answers. */
record EncodingRequests(
    EmbeddingModel model, Backoff backoff, Function<String, String> nameOfText) {

  /**
   * The vectors of some texts.
   *
   * @return a new array of finite numbers for each text, all of one width
   * @throws IllegalStateException if the model fails or answers something else
   * @throws CancellationException if the thread is interrupted
   */
  List<float[]> vectors(List<String> texts) {
    return check(texts, answer(texts));
  }

  private @Nullable Response<List<Embedding>> answer(List<String> texts) {
    List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
    for (int attempt = 0; ; attempt++) {
      try {
        return model.embedAll(segments);
      } catch (RuntimeException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw cancelled(e);
        }
        if (attempt == backoff.retries() || !mayPass(e)) {
          throw new IllegalStateException(failure(texts, attempt + 1, e), e);
        }
        await(attempt);
      }
    }
  }

  /** Whether the same request may succeed later: not if the request or the key is wrong. */
  private static boolean mayPass(RuntimeException e) {
    return !(e instanceof NonRetriableException
        || e instanceof IllegalArgumentException
        || e instanceof UnsupportedOperationException
        || e instanceof NullPointerException);
  }

  private void await(int attempt) {
    try {
      backoff.await(attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled(e);
    }
  }

  private static CancellationException cancelled(Exception cause) {
    CancellationException cancelled =
        new CancellationException("interrupted while texts were encoded");
    cancelled.initCause(cause);
    return cancelled;
  }

  private String failure(List<String> texts, int attempts, RuntimeException e) {
    String longest = texts.stream().max(Comparator.comparingInt(String::length)).orElseThrow();
    return String.format(
        Locale.ROOT,
        "the model failed on a request of %,d texts, %s the first and %s the longest with %,d"
            + " characters, at attempt %d: %s",
        texts.size(),
        nameOfText.apply(texts.get(0)),
        nameOfText.apply(longest),
        longest.length(),
        attempts,
        e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  private List<float[]> check(List<String> texts, @Nullable Response<List<Embedding>> response) {
    List<Embedding> embeddings = response == null ? null : response.content();
    if (embeddings == null || embeddings.size() != texts.size()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the model gave %s vectors for %s texts, the first of which is %s",
              embeddings == null ? "no" : embeddings.size(),
              texts.size(),
              nameOfText.apply(texts.get(0))));
    }
    List<float[]> vectors = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      Embedding embedding = embeddings.get(i);
      float[] vector = embedding == null ? null : embedding.vector();
      if (vector == null || vector.length == 0) {
        throw new IllegalStateException(
            "the model gave " + nameOfText.apply(texts.get(i)) + " no vector");
      }
      requireFinite(vector, texts.get(i));
      // A copy: a model may use its arrays again.
      vectors.add(vector.clone());
    }
    return vectors;
  }

  private void requireFinite(float[] vector, String text) {
    for (int j = 0; j < vector.length; j++) {
      if (!Float.isFinite(vector[j])) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "the model gave %s the number %s at position %s, expected finite numbers",
                nameOfText.apply(text),
                vector[j],
                j));
      }
    }
  }
}
