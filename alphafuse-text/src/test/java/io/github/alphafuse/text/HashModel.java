package io.github.alphafuse.text;

import com.google.common.hash.Hashing;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A model whose vector is a digest of the text, and which notes what it was asked. */
class HashModel implements EmbeddingModel {
  static final int WIDTH = 6;

  /** The texts of each request. */
  final List<List<String>> requests = new CopyOnWriteArrayList<>();

  /** What a model of some kind answers. */
  @FunctionalInterface
  interface Answer {
    @Nullable List<Embedding> to(List<String> texts);
  }

  private final Answer answer;

  HashModel() {
    this(HashModel::all);
  }

  HashModel(Answer answer) {
    this.answer = answer;
  }

  static float[] vector(String text) {
    Random random = new Random(Hashing.sha256().hashUnencodedChars(text).asLong());
    float[] vector = new float[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    return vector;
  }

  static List<Embedding> all(List<String> texts) {
    return new ArrayList<>(texts.stream().map(text -> Embedding.from(vector(text))).toList());
  }

  @Override
  @SuppressWarnings("NullAway") // Some answers are null.
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    List<String> texts = segments.stream().map(TextSegment::text).toList();
    requests.add(texts);
    List<Embedding> embeddings = answer.to(texts);
    return embeddings == null ? null : Response.from(embeddings);
  }

  @Override
  public String modelName() {
    return "hash";
  }

  /** All texts that were asked for, in order. */
  List<String> asked() {
    return requests.stream().flatMap(List::stream).toList();
  }
}
