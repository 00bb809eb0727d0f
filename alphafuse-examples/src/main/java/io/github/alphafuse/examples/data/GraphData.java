package io.github.alphafuse.examples.data;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Optional;

/**
 * The data that a graph model is trained and evaluated on.
 *
 * @param name the name of the data
 * @param text the language embeddings of the items [N, d_l], if there are any
 * @param split training, validation and test items of each user, of N items
 */
public record GraphData(String name, Optional<LanguageEmbeddings> text, InteractionSplit split) {}
