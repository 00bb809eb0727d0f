package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowScaling;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;

/** The map from language embeddings to the frozen rows of a strategy, fitted to its catalogue. */
sealed interface LanguageMap {

  /** The frozen rows [M, d_l], or the kept directions of them, of language embeddings [M, d_l]. */
  Tensor apply(LanguageEmbeddings rows, ElementType type);

  /** Writes the fitted map. */
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

  /** Rows that are also whitened. */
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

  /** Reads a map. */
  static LanguageMap read(ArchiveReader archive) {
    return archive.booleanSetting("whitened")
        ? new Whitened(NullSpaceProjector.read(archive))
        : new Scaled(RowScaling.read(archive));
  }
}
