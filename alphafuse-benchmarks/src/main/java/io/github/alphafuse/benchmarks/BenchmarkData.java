package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.internal.npy.NpyArray;
import io.github.alphafuse.core.internal.npy.NpyType;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The data of a run: what items mean, and histories with the item that came next.
 *
 * @param embeddings N x d_l
 * @param examples M histories of at most 10 items, each with its target, in file order
 */
record BenchmarkData(LanguageEmbeddings embeddings, Examples examples) {
  /** float32 [N, d_l]. */
  static final String EMBEDDINGS = "emb.npy";

  /** int32 [M, 10], padded on the left with N. */
  static final String HISTORIES = "seq.npy";

  /** int32 [M]. */
  static final String TARGETS = "next.npy";

  /**
   * Opens the three files of a folder.
   *
   * @param folder the folder
   * @return the data
   * @throws IllegalArgumentException if a file is missing or is not what it must be
   */
  static BenchmarkData open(Path folder) {
    LanguageEmbeddings embeddings = embeddings(folder);
    Path sequenceFile = file(folder, HISTORIES);
    NpyArray sequences = integers(sequenceFile);
    int[] shape = sequences.shape();
    checkArgument(
        shape.length == 2 && shape[0] >= 1 && shape[1] == ModelRecipe.LENGTH,
        "%s must have shape [M, %s], found %s",
        sequenceFile,
        ModelRecipe.LENGTH,
        Arrays.toString(shape));
    Path targetFile = file(folder, TARGETS);
    NpyArray targets = integers(targetFile);
    checkArgument(
        Arrays.equals(targets.shape(), new int[] {shape[0]}),
        "%s must have shape [%s] as %s has rows, found %s",
        targetFile,
        shape[0],
        HISTORIES,
        Arrays.toString(targets.shape()));
    int items = embeddings.itemCount();
    Examples.Builder examples = Examples.builder(items);
    for (int row = 0; row < shape[0]; row++) {
      int[] padded = Arrays.copyOfRange(sequences.ints(), row * shape[1], (row + 1) * shape[1]);
      int target = targets.ints()[row];
      checkArgument(
          target >= 0 && target < items,
          "%s: row %s must lie in [0, %s), found %s",
          targetFile,
          row,
          items,
          target);
      examples.add(
          Integer.toString(row), history(padded, items, sequenceFile + ": row " + row), target);
    }
    return new BenchmarkData(embeddings, examples.build());
  }

  /**
   * Opens the embeddings of a folder alone.
   *
   * @param folder the folder
   * @return N x d_l
   * @throws IllegalArgumentException if the file is missing or is not what it must be
   */
  static LanguageEmbeddings embeddings(Path folder) {
    Path file = file(folder, EMBEDDINGS);
    LanguageEmbeddings embeddings = LanguageEmbeddings.npy(file);
    checkArgument(
        embeddings.elementType() == ElementType.FLOAT32,
        "%s must hold float32, found %s",
        file,
        embeddings);
    return embeddings;
  }

  private static Path file(Path folder, String name) {
    checkArgument(Files.isDirectory(folder), "--data must name a folder, found none at %s", folder);
    Path file = folder.resolve(name);
    checkArgument(
        Files.isRegularFile(file), "%s is missing; make-data writes a folder of data", file);
    return file;
  }

  private static NpyArray integers(Path file) {
    NpyArray array = NpyArray.read(file);
    checkArgument(
        array.type() == NpyType.INT32,
        "%s must hold int32, found %s",
        file,
        array.type().descriptor());
    return array;
  }

  private static int[] history(int[] padded, int items, String place) {
    int first = 0;
    while (first < padded.length && padded[first] == items) {
      first++;
    }
    checkArgument(first < padded.length, "%s must hold at least one item, found none", place);
    for (int i = first; i < padded.length; i++) {
      checkArgument(
          padded[i] >= 0 && padded[i] < items,
          "%s must hold items in [0, %s) behind padding of %s, found %s",
          place,
          items,
          items,
          padded[i]);
    }
    return Arrays.copyOfRange(padded, first, padded.length);
  }
}
