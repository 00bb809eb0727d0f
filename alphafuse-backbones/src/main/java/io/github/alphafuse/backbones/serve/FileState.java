package io.github.alphafuse.backbones.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What tells a file from an earlier one of the same name without reading it. Links are followed.
 *
 * @param identity where the file is, which one it is there, its size and when it was changed; if it
 *     cannot be looked at, why
 */
record FileState(String identity) {
  static FileState of(Path file) {
    try {
      Path target = file.toRealPath();
      BasicFileAttributes found = Files.readAttributes(target, BasicFileAttributes.class);
      return new FileState(
          target + " " + found.fileKey() + " " + found.size() + " " + found.lastModifiedTime());
    } catch (IOException | SecurityException e) {
      return new FileState(e.toString());
    }
  }
}
