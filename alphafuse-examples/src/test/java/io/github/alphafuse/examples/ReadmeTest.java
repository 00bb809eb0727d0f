package io.github.alphafuse.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
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
    String source =
        IMPORTS
            + "class Program { public static void main(String[] arguments) {\n"
            + program.group(1)
            + "}}\n";
    StringWriter messages = new StringWriter();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                null,
                List.of(
                    "-proc:none",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-d",
                    folder.toString()),
                null,
                List.of(new Source(source)))
            .call();
    assertThat(compiled).as("%s%n%s", messages, source).isTrue();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
