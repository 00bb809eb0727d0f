package io.github.alphafuse.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.fixture.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of the README and of the pages compile against this version. */
class ReadmeTest {
  private static final Pattern PROGRAM =
      Pattern.compile("<!-- program: compiled by a test -->\\s*```java\\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import io.github.alphafuse.backbones.data.*;
      import io.github.alphafuse.backbones.evaluate.*;
      import io.github.alphafuse.backbones.loss.*;
      import io.github.alphafuse.backbones.sasrec.*;
      import io.github.alphafuse.backbones.serve.*;
      import io.github.alphafuse.backbones.train.*;
      import io.github.alphafuse.core.embedding.*;
      import io.github.alphafuse.backbones.preset.*;
      import io.github.alphafuse.core.language.*;
      import io.github.alphafuse.core.nullspace.*;
      import io.github.alphafuse.core.storage.*;
      import io.github.alphafuse.core.language.ItemCatalogue.Item;
      import io.github.alphafuse.text.*;
      import dev.langchain4j.model.embedding.onnx.allminilml6v2q.*;
      import java.nio.file.Files;
      import java.nio.file.Path;
      import java.util.List;
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/text.md", "docs/service.md"})
  void programsCompile(String page) throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("..", page)));
    assertThat(program.find()).as("a program in %s", page).isTrue();
    do {
      assertThat(JavaProgram.of(IMPORTS, program.group(1)).errors(folder)).isEmpty();
    } while (program.find());
  }
}
