package io.github.alphafuse.backbones.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;

/** The messages; that they are reached is shown by projects without a backend. */
final class BackendTest {
  private static final String CPU = "org.nd4j.linalg.cpu.nativecpu.CpuBackend";
  private static final String CUDA = "org.nd4j.linalg.jcublas.JCublasBackend";

  @Test
  void aBackendThatStartsIsAccepted() {
    assertThatCode(Backend::require).doesNotThrowAnyException();
  }

  @Test
  void namesTheCoordinateWhereNoBackendIsFound() {
    Throwable failure =
        new ExceptionInInitializerError(
            new RuntimeException(new NoAvailableBackendException("none")));

    assertThat(Backend.describe(failure, ImmutableSet.of()))
        .startsWith("no ND4J backend on the classpath")
        .contains("io.github.alphafuse:alphafuse-cpu");
  }

  @Test
  void namesTheReasonWhereABackendDoesNotStart() {
    Throwable failure = new ExceptionInInitializerError(new UnsatisfiedLinkError("no jnind4jcpu"));

    assertThat(Backend.describe(failure, ImmutableSet.of(CPU)))
        .contains("no jnind4jcpu")
        .contains("io.github.alphafuse:alphafuse-bom");
    assertThat(Backend.describe(failure, ImmutableSet.of(CUDA)))
        .contains("no jnind4jcpu")
        .contains("compute capability 3.7 to 8.6");
  }

  @Test
  void namesABackendThatCannotRunHere() {
    Throwable failure =
        new ExceptionInInitializerError(
            new RuntimeException(new NoAvailableBackendException("none")));
    assertThat(Backend.describe(failure, ImmutableSet.of(CUDA)))
        .startsWith("the ND4J backend on the classpath (" + CUDA + ") cannot run on this machine")
        .contains("needs an NVIDIA card with a CUDA 11.6 driver")
        .contains("io.github.alphafuse:alphafuse-cpu");
  }

  @Test
  void namesTheSettingWhereNativesCannotBeUnpacked() {
    Throwable failure =
        new ExceptionInInitializerError(
            new IOException("Could not create the cache: Set the \"x\" system property."));
    assertThat(Backend.describe(failure, ImmutableSet.of(CPU)))
        .contains("neither the home nor the temporary folder can be written")
        .contains("-Dorg.bytedeco.javacpp.cachedir=DIR")
        .doesNotContain("alphafuse-cpu");
  }

  @Test
  void listsTheBackendsOfTheClasspathWithoutLoadingThem() {
    assertThat(Backend.backends(Backend.class.getClassLoader())).contains(CPU);
  }

  @Test
  void refusesACardThatTheCudaBackendHasNoCodeFor() {
    Map<String, Object> ada =
        Map.of("cuda.deviceName", "Ada", "cuda.deviceMajor", 8, "cuda.deviceMinor", 9);
    Map<String, Object> hopper =
        Map.of("cuda.deviceName", "Hopper", "cuda.deviceMajor", 9, "cuda.deviceMinor", 0);

    assertThat(Backend.unknownCard(List.of(ada))).isEmpty();
    assertThat(Backend.unknownCard(List.of(ada, hopper)))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .contains("Hopper has compute capability 9.0")
                    .contains("io.github.alphafuse:alphafuse-cpu"));
  }

  @Test
  void leavesABackendAloneThatTellsNothing() {
    assertThat(Backend.unknownCard(null)).isEmpty();
    assertThat(Backend.unknownCard(List.of("a device", Map.of()))).isEmpty();
  }
}
