package io.github.alphafuse.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Nd4jNoiseFilterTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out =
      new PrintStream(new Nd4jNoiseFilter(bytes), true, StandardCharsets.UTF_8);

  private String passed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void dropsExactlyTheLinesOfNd4j() {
    out.print("Adding\nAdded differentiated op matmul_1\nAdded up\nx Added differentiated op y\n");
    out.print("Added diff");
    out.print("erentiated op add\n");
    out.print("Ünd\n");
    assertThat(passed()).isEqualTo("Adding\nAdded up\nx Added differentiated op y\nÜnd\n");
  }

  @Test
  void holdsNothingElseBack() {
    out.print("epoch 1");
    assertThat(passed()).isEqualTo("epoch 1");
    out.print("\n\r\n");
    assertThat(passed()).isEqualTo("epoch 1\n\r\n");
    out.print("Added");
    out.close();
    assertThat(passed()).isEqualTo("epoch 1\n\r\nAdded");
  }
}
