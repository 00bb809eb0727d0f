package com.example;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import org.junit.jupiter.api.Test;

/** A project whose Java part and natives are of different releases. */
class MixedVersionsTest {

  @Test
  void isToldWhatToDo() {
    LanguageEmbeddings text =
        LanguageEmbeddings.of(new double[][] {{1, 2, 3}, {3, 1, 2}, {2, 3, 1}, {1, 1, 2}});
    NullSpaceProjector.Builder builder = NullSpaceProjector.builder().embeddingDim(3).nullDim(1);

    for (int attempt = 0; attempt < 2; attempt++) {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> builder.fit(text));
      for (String part :
          new String[] {
            "org.bytedeco:javacpp", "1.5.7", "1.5.13", "io.github.alphafuse:alphafuse-bom"
          }) {
        assertTrue(refused.getMessage().contains(part), refused::getMessage);
      }
    }
  }
}
