package io.github.alphafuse.examples.data;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.ItemCoverage;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Optional;

/**
 * The data that a graph model is trained and evaluated on.
 *
 * @param name the name of the data
 * @param text the language embeddings of the items [N, d_l], if there are any
 * @param split training, validation and test items of each user, of N items
 * @param readingRemarks what the reader of the data took for granted
 */
public record GraphData(
    String name,
    Optional<LanguageEmbeddings> text,
    InteractionSplit split,
    ImmutableList<String> readingRemarks) {

  /** {@return what the reader took for granted, and what looks like a mistake in the numbering} */
  public ImmutableList<String> remarks() {
    ItemCoverage coverage = split.coverage();
    return ImmutableList.<String>builder()
        .addAll(readingRemarks)
        .addAll(text.map(coverage::withText).orElse(coverage).remarks())
        .build();
  }
}
