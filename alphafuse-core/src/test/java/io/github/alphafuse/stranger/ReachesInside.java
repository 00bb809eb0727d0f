package io.github.alphafuse.stranger;

import io.github.alphafuse.core.internal.Workers;

/** Uses the internals of core without being a friend of it, for the test of the rule. */
public final class ReachesInside {
  /** The threads of the library. */
  public int threads() {
    return Workers.count();
  }
}
