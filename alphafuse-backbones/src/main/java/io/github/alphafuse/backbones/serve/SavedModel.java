package io.github.alphafuse.backbones.serve;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.storage.ArchiveReader;
import java.nio.file.Path;

/**
 * A model in a file, of the kind that the file declares.
 *
 * <p>Thread-safe.
 */
public final class SavedModel {
  private SavedModel() {}

  /**
   * Loads a model that was saved.
   *
   * @param path the file
   * @return a {@link SasRec}, {@link DreamRec}, {@link LightGcn} or {@link AlphaRec}
   * @throws IllegalArgumentException if the file is damaged, holds something other than a model, or
   *     is of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static RankingModel load(Path path) {
    String kind = kind(path);
    if (kind.equals(SasRec.FORMAT.kind())) {
      return SasRec.load(path);
    }
    if (kind.equals(DreamRec.FORMAT.kind())) {
      return DreamRec.load(path);
    }
    if (kind.equals(LightGcn.FORMAT.kind())) {
      return LightGcn.load(path);
    }
    if (kind.equals(AlphaRec.FORMAT.kind())) {
      return AlphaRec.load(path);
    }
    throw new IllegalArgumentException(
        path
            + " holds a "
            + kind
            + ", expected a model: "
            + SasRec.FORMAT.kind()
            + ", "
            + DreamRec.FORMAT.kind()
            + ", "
            + LightGcn.FORMAT.kind()
            + " or "
            + AlphaRec.FORMAT.kind());
  }

  /**
   * Describes a model, without reading its weights. Checkpoints, projectors and saved items are
   * described in the same way.
   *
   * @param path the file
   * @return its format, settings, arrays and provenance
   * @throws IllegalArgumentException if the file is damaged
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static SavedDescription describe(Path path) {
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      return new SavedDescription(
          archive.format(),
          archive.libraryVersion(),
          archive.settings(),
          archive.arrays(),
          Provenance.read(archive));
    }
  }

  /**
   * The checksum of a saved file, by which versions of a model are told apart.
   *
   * @param path the file
   * @return 8 hexadecimal digits
   * @throws IllegalArgumentException if the file is damaged
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static String checksum(Path path) {
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      return archive.checksum();
    }
  }

  private static String kind(Path path) {
    try (ArchiveReader archive = ArchiveReader.open(path)) {
      return archive.format().kind();
    }
  }
}
