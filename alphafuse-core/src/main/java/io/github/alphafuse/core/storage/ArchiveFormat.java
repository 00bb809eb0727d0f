package io.github.alphafuse.core.storage;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The kind of object that an archive or a section holds, and the version of its layout.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind a short name such as {@code null-space-projector}: lower-case letters, digits,
 *     hyphens
 * @param version from 1, increased with each change that older readers cannot read
 */
public record ArchiveFormat(String kind, int version) {
  /**
   * Checks the components.
   *
   * @param kind a short name
   * @param version from 1
   * @throws IllegalArgumentException if kind has other characters or version is not positive
   */
  public ArchiveFormat {
    checkArgument(
        kind.matches("[a-z0-9]+(-[a-z0-9]+)*"),
        "kind must be made of lower-case letters, digits and hyphens, found '%s'",
        kind);
    checkArgument(version >= 1, "version must be at least 1, found %s", version);
  }
}
