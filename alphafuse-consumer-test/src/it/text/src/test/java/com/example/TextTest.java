package com.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.ItemCatalogue.Item;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.text.TextEncoder;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project that encodes the texts of its items, with a model of its own and no backend. */
class TextTest {

  @Test
  void encodesACatalogue(@TempDir Path folder) {
    ItemCatalogue catalogue =
        ItemCatalogue.of(List.of(new Item("a", "Go", ""), new Item("b", "Chess", "Chess set")));
    TextEncoder encoder =
        TextEncoder.builder(new Lengths())
            .cache(folder.resolve("texts.cache"))
            .modelName("lengths")
            .build();

    encoder.encode(catalogue);
    LanguageEmbeddings text = encoder.encode(catalogue);

    assertEquals(catalogue.ids(), text.ids().orElseThrow());
    assertArrayEquals(new float[] {2, 1, 9, 1}, text.toTensor().floats());
  }

  /** What the module brings along: no model, no backend. */
  @Test
  void bringsLittle() {
    List<String> known =
        List.of(
            "alphafuse-core",
            "alphafuse-text",
            "langchain4j-core",
            "jackson-",
            "guava",
            "failureaccess",
            "listenablefuture",
            "ejml-",
            "gson",
            "slf4j-api",
            "error_prone_annotations",
            "jspecify",
            "j2objc-annotations",
            "checker-qual",
            "junit-",
            "opentest4j",
            "apiguardian",
            "surefire",
            "maven-",
            "common-");
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      assertTrue(
          !name.endsWith(".jar") || known.stream().anyMatch(name::startsWith),
          () -> "text brings " + name);
    }
  }

  /** A model that counts characters. */
  private static final class Lengths implements EmbeddingModel {
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      return Response.from(
          segments.stream()
              .map(segment -> Embedding.from(new float[] {segment.text().length(), 1}))
              .toList());
    }
  }
}
