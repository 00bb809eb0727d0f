package io.github.alphafuse.backbones.model;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import io.github.alphafuse.core.internal.NativeVersions;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ND4J backend on the application's classpath. It is checked before the first graph is built,
 * so that the error for a missing or unusable backend names the remedy.
 *
 * <p>Thread-safe.
 */
public final class Backend {
  private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

  private static final String SERVICES = "META-INF/services/org.nd4j.linalg.factory.Nd4jBackend";
  private static final String CUDA_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

  private static final String CUDA_JAR = "META-INF/maven/org.nd4j/nd4j-cuda-11.6/pom.properties";

  /** The first major compute capability that nd4j-cuda-11.6 has neither code nor PTX for. */
  private static final int FIRST_UNKNOWN_CAPABILITY = 9;

  private static final String CUDA_LIMIT =
      "org.nd4j:nd4j-cuda-11.6 holds code for compute capability 3.7 to 8.6 and no PTX: it runs on"
          + " cards from Pascal to Ada, not on Hopper or newer ones. Depend on"
          + " io.github.alphafuse:alphafuse-cpu in its place on such a machine.";

  private Backend() {}

  /**
   * Checks that there is a backend and that it can run. The check is made once; later calls are
   * cheap.
   *
   * @throws IllegalStateException if none is on the classpath, its Java part and natives do not
   *     fit, it cannot start, or it has no code for the graphics card; the message names the
   *     remedy, and every call throws it
   */
  public static void require() {
    Check.PROBLEM.ifPresent(
        problem -> {
          throw new IllegalStateException(problem.message(), problem.cause());
        });
  }

  /**
   * Holds the result of the only check, since ND4J reports why it cannot start only once per
   * process.
   */
  private static final class Check {
    private static final Optional<Problem> PROBLEM = find();

    private static Optional<Problem> find() {
      ClassLoader loader = Backend.class.getClassLoader();
      ImmutableSet<String> backends = backends(loader);
      boolean cuda = loader.getResource(CUDA_JAR) != null || backends.contains(CUDA_BACKEND);
      try {
        NativeVersions.check(loader);
      } catch (IllegalStateException e) {
        return Optional.of(new Problem(String.valueOf(e.getMessage()), e));
      }
      try {
        LOG.debug("ND4J runs on {}", Nd4j.getBackend());
      } catch (LinkageError | RuntimeException e) {
        return Optional.of(new Problem(describe(e, backends), e));
      }
      if (!cuda) {
        return Optional.empty();
      }
      return unknownCard(devices()).map(message -> new Problem(message, null));
    }

    private static @Nullable Object devices() {
      try {
        return Nd4j.getExecutioner()
            .getEnvironmentInformation()
            .get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY);
      } catch (LinkageError | RuntimeException e) {
        // The hint is a courtesy: a backend that cannot be asked may still run.
        LOG.debug("the backend does not report its devices", e);
        return null;
      }
    }
  }

  private record Problem(String message, @Nullable Throwable cause) {}

  /**
   * The class names of the backends on the classpath. They are not loaded: one that cannot run,
   * such as that of a graphics card without a driver, would be skipped by ND4J as if it were not
   * there.
   */
  static ImmutableSet<String> backends(ClassLoader loader) {
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    try {
      for (URL list : Collections.list(loader.getResources(SERVICES))) {
        Resources.readLines(list, StandardCharsets.UTF_8).stream()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .forEach(names::add);
      }
    } catch (IOException e) {
      LOG.debug("the backends on the classpath cannot be listed", e);
    }
    return names.build();
  }

  /**
   * The remedy for a backend that did not start.
   *
   * @param failure what ND4J threw
   * @param backends the class names of the backends on the classpath
   */
  static String describe(Throwable failure, ImmutableSet<String> backends) {
    Throwable root = Throwables.getRootCause(failure);
    boolean cuda = backends.contains(CUDA_BACKEND);
    if (root instanceof NoAvailableBackendException && backends.isEmpty()) {
      return "no ND4J backend on the classpath. Depend on io.github.alphafuse:alphafuse-cpu (natives"
          + " of this platform and a BLAS that fits), or import io.github.alphafuse:alphafuse-bom"
          + " and depend on org.nd4j:nd4j-native or org.nd4j:nd4j-cuda-11.6.";
    }
    if (String.valueOf(root.getMessage()).contains("Could not create the cache")) {
      return "the native libraries cannot be unpacked, because neither the home nor the temporary"
          + " folder can be written. Set -Dorg.bytedeco.javacpp.cachedir=DIR to a folder that can.";
    }
    String started =
        root instanceof NoAvailableBackendException
            ? "the ND4J backend on the classpath ("
                + String.join(", ", backends)
                + ") cannot run on this machine. "
            : "the ND4J backend on the classpath did not start (" + root + "). ";
    if (cuda) {
      return started + "It needs an NVIDIA card with a CUDA 11.6 driver and toolkit. " + CUDA_LIMIT;
    }
    return started
        + "Depend on io.github.alphafuse:alphafuse-cpu, or import io.github.alphafuse:alphafuse-bom"
        + " so that ND4J's Java part and natives fit.";
  }

  /**
   * The message for a graphics card that the CUDA backend has no code for.
   *
   * @param devices the backend's own description, normally a list of maps
   */
  static Optional<String> unknownCard(@Nullable Object devices) {
    if (devices instanceof List<?> list) {
      for (Object device : list) {
        if (device instanceof Map<?, ?> facts
            && facts.get(Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY) instanceof Number major
            && major.intValue() >= FIRST_UNKNOWN_CAPABILITY) {
          return Optional.of(
              "the card "
                  + facts.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY)
                  + " has compute capability "
                  + major
                  + "."
                  + facts.get(Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY)
                  + ". "
                  + CUDA_LIMIT);
        }
      }
    }
    return Optional.empty();
  }
}
