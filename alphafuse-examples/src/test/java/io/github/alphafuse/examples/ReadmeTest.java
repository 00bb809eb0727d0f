package io.github.alphafuse.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.fixture.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the README compiles against this version. */
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
      import java.nio.file.Path;
      import java.util.List;
      """;

  @TempDir private Path folder;

  @Test
  void programCompiles() throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(program.find()).as("the program in the README").isTrue();
    assertThat(JavaProgram.of(IMPORTS, program.group(1)).errors(folder)).isEmpty();
  }
}
