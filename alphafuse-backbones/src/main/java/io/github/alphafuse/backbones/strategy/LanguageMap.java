package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowScaling;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;

/** What turns language embeddings into the frozen rows of a strategy, fitted to its catalogue. */
sealed interface LanguageMap {

  /** The frozen rows [M, d_l], or the kept directions of them, of language embeddings [M, d_l]. */
  Tensor apply(LanguageEmbeddings rows, ElementType type);

  /** Writes what was fitted. */
  void write(ArchiveWriter archive);

  /** Rows that are normalised and scaled. */
  record Scaled(RowScaling scaling) implements LanguageMap {
    @Override
    public Tensor apply(LanguageEmbeddings rows, ElementType type) {
      return scaling.apply(rows, type);
    }

    @Override
    public void write(ArchiveWriter archive) {
      archive.setting("whitened", false);
      scaling.write(archive);
    }
  }

  /** Rows that are whitened besides. */
  record Whitened(NullSpaceProjector projector) implements LanguageMap {
    @Override
    public Tensor apply(LanguageEmbeddings rows, ElementType type) {
      return projector.project(rows, type);
    }

    @Override
    public void write(ArchiveWriter archive) {
      archive.setting("whitened", true);
      projector.write(archive);
    }
  }

  /** Reads what was written. */
  static LanguageMap read(ArchiveReader archive) {
    return archive.booleanSetting("whitened")
        ? new Whitened(NullSpaceProjector.read(archive))
        : new Scaled(RowScaling.read(archive));
  }
}
