package io.github.alphafuse.examples.data;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Optional;

/**
 * The data that a sequence model is trained and evaluated on.
 *
 * @param name the name of the data
 * @param embeddings the language embeddings of the items [N, d_l]
 * @param split training, validation and test examples over N items
 * @param titles N titles by the ids of their items, if there are any
 */
public record TrainingData(
    String name,
    LanguageEmbeddings embeddings,
    DatasetSplit split,
    Optional<ImmutableMap<String, String>> titles) {

  /** {@return what the reader took for granted, and what looks like a mistake in the numbering} */
  public ImmutableList<String> remarks() {
    return ImmutableList.<String>builder()
        .addAll(split.remarks())
        .addAll(split.coverage().withText(embeddings).remarks())
        .build();
  }
}
