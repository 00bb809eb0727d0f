package io.github.alphafuse.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.text.TextEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextModelTest {
  @TempDir private Path folder;

  @Test
  void placesTextsByTheirMeaning() {
    LanguageEmbeddings text =
        TextEncoder.of(TextModel.MINILM.load())
            .encode("A wooden chess set", "Board game of kings and pawns", "Fresh tomato soup");

    assertThat(text.dim()).isEqualTo(384);
    assertThat(product(text, 0, 0)).isCloseTo(1, offset(1e-5));
    assertThat(product(text, 0, 1)).isGreaterThan(product(text, 0, 2) + 0.1);
  }

  @Test
  void longTextsAreEncoded() {
    LanguageEmbeddings text =
        TextEncoder.of(TextModel.MINILM.load()).encode("a wooden chess set, ".repeat(2000));

    assertThat(product(text, 0, 0)).isCloseTo(1, offset(1e-5));
  }

  private static double product(LanguageEmbeddings text, int a, int b) {
    double[] left = text.row(a);
    double[] right = text.row(b);
    double sum = 0;
    for (int j = 0; j < left.length; j++) {
      sum += left[j] * right[j];
    }
    return sum;
  }

  @Test
  void saysWhereItsLibrariesAreUnpacked() throws IOException, InterruptedException {
    Path none = folder.resolve("none");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + none,
                "-cp",
                System.getProperty("java.class.path"),
                Loading.class.getName(),
                folder.resolve("said").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();

    assertThat(Files.readString(folder.resolve("said")))
        .startsWith("cannot load the text model minilm: its native libraries are unpacked into")
        .contains(none + " (set it by -Djava.io.tmpdir)");
  }

  /** Loads the model and writes what is said if that fails. */
  public static final class Loading {
    private Loading() {}

    /**
     * Runs the program.
     *
     * @param arguments the file to write
     * @throws IOException if it cannot be written
     */
    public static void main(String[] arguments) throws IOException {
      String said = "loaded";
      try {
        TextModel.MINILM.load();
      } catch (IllegalStateException e) {
        said = String.valueOf(e.getMessage());
      }
      Files.write(Path.of(arguments[0]), said.getBytes(StandardCharsets.UTF_8));
    }
  }
}
