package io.github.alphafuse.core.internal;

import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.Properties;

/**
 * The check that the Java parts and the native parts of JavaCPP and OpenBLAS on the classpath have
 * one version.
 *
 * <p>Dependency mediation can pair the Java classes of one release with the binaries of another;
 * the process then dies later with an {@code UnsatisfiedLinkError} that names neither.
 */
public final class NativeVersions {
  private NativeVersions() {}

  /**
   * Compares the versions on the classpath without loading anything.
   *
   * @param loader the class loader whose classpath is searched
   * @throws IllegalStateException if versions differ; the message names the BOM
   */
  public static void check(ClassLoader loader) {
    ImmutableSortedSet<String> javacpp = versions(loader, "javacpp");
    ImmutableSortedSet<String> openblas = versions(loader, "openblas");
    requireOne("javacpp", javacpp);
    requireOne("openblas", openblas);
    if (!javacpp.isEmpty() && !openblas.isEmpty()) {
      String expected = javacpp.first();
      String found = openblas.first();
      if (!found.endsWith("-" + expected)) {
        throw new IllegalStateException(
            "org.bytedeco:openblas "
                + found
                + " was built for another release of JavaCPP than org.bytedeco:javacpp "
                + expected
                + " on the classpath. "
                + REMEDY);
      }
    }
  }

  private static final String REMEDY =
      "Import io.github.alphafuse:alphafuse-bom in dependencyManagement, or depend on"
          + " io.github.alphafuse:alphafuse-cpu, so that the Java parts and the natives fit.";

  private static void requireOne(String artifact, ImmutableSortedSet<String> versions) {
    if (versions.size() > 1) {
      throw new IllegalStateException(
          "org.bytedeco:"
              + artifact
              + " must be on the classpath in one version, Java part and natives alike; found "
              + versions
              + ". "
              + REMEDY);
    }
  }

  private static ImmutableSortedSet<String> versions(ClassLoader loader, String artifact) {
    ImmutableSortedSet.Builder<String> versions = ImmutableSortedSet.naturalOrder();
    try {
      String path = "META-INF/maven/org.bytedeco/" + artifact + "/pom.properties";
      for (URL url : Collections.list(loader.getResources(path))) {
        Properties properties = new Properties();
        try (InputStream in = url.openStream()) {
          properties.load(in);
        }
        versions.add(properties.getProperty("version", "unknown"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the version of org.bytedeco:" + artifact, e);
    }
    return versions.build();
  }
}
