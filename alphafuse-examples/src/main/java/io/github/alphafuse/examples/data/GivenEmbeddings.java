package io.github.alphafuse.examples.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.List;
import java.util.function.Function;

/**
 * Embeddings that were made elsewhere, in place of an encoder: each item has the row of its id.
 *
 * @param rows the embeddings [M, d_l]
 * @param ids the ids of the rows, M
 */
public record GivenEmbeddings(LanguageEmbeddings rows, ItemVocabulary ids)
    implements Function<ItemCatalogue, LanguageEmbeddings> {
  private static final int EXAMPLES = 5;

  /**
   * Checks that there is an id for each row.
   *
   * @param rows the embeddings
   * @param ids the ids
   */
  public GivenEmbeddings {
    checkArgument(
        rows.itemCount() == ids.size(),
        "--embedding_ids must have one id for each of the %s rows of --embeddings, found %s",
        rows.itemCount(),
        ids.size());
  }

  /**
   * The embeddings of the items.
   *
   * @param items N items
   * @return [N, d_l], float32
   * @throws IllegalArgumentException if an item has none
   */
  @Override
  public LanguageEmbeddings apply(ItemCatalogue items) {
    List<String> missing = items.ids().stream().filter(id -> ids.find(id).isEmpty()).toList();
    checkArgument(
        missing.isEmpty(),
        "--embeddings must have a row for each of %s products, found none for %s (e.g. %s)",
        items.size(),
        missing.size(),
        String.join(", ", missing.subList(0, Math.min(EXAMPLES, missing.size()))));
    int dim = rows.dim();
    float[] values = new float[Math.multiplyExact(items.size(), dim)];
    int at = 0;
    for (String id : items.ids()) {
      for (double value : rows.row(ids.row(id))) {
        values[at++] = (float) value;
      }
    }
    return LanguageEmbeddings.of(Tensor.of(values, items.size(), dim));
  }
}
