package io.github.alphafuse.benchmarks;

import picocli.CommandLine.Option;

/** Asks a command to explain itself. */
final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean requested;
}
