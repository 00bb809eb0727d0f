package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;

/**
 * The parts that all graph models have in common, without the weights.
 *
 * @param graph the graph
 * @param layers K
 * @param similarity how items are scored
 */
record GraphSetup(InteractionGraph graph, int layers, Similarity similarity) {
  /** More layers than any use: long before, all nodes of a component have the same direction. */
  static final int MOST_LAYERS = 100;

  /** Checks a number of layers, of which a model has at least a few. */
  static void requireLayers(int layers, int fewest) {
    checkArgument(
        layers >= fewest && layers <= MOST_LAYERS,
        "layers must be from %s to %s, found %s",
        fewest,
        MOST_LAYERS,
        layers);
  }

  /** The loss in closed form. */
  PairLoss pairLoss(Loss loss) {
    PairLoss closed = PairLoss.of(loss);
    checkArgument(
        closed.similarity() == similarity,
        "%s is over the similarity %s, but the model scores by %s",
        loss,
        closed.similarity(),
        similarity);
    return closed;
  }

  /** Computes the vectors of all nodes and divides them by their lengths if scores are cosines. */
  void forward(GraphEncoder encoder) {
    encoder.forward();
    encoder.users().split(new UnitRows(encoder.users(), similarity)::normalize);
    encoder.items().split(new UnitRows(encoder.items(), similarity)::normalize);
  }

  GraphEmbeddings embeddings(GraphEncoder encoder) {
    forward(encoder);
    return new GraphEmbeddings(encoder.users().toTensor(), encoder.items().toTensor());
  }

  void write(ArchiveWriter archive) {
    ItemVocabulary vocabulary = graph.vocabulary();
    archive
        .setting("layers", layers)
        .setting("similarity", similarity)
        .setting("rowNumberIds", vocabulary.isRowNumbers());
    if (!vocabulary.isRowNumbers()) {
      archive.text("item_ids", vocabulary.ids());
    }
    UserItems interactions = graph.interactions();
    archive
        .setting("items", interactions.itemCount())
        .text("user_ids", interactions.users())
        .integers("user_starts", interactions.starts())
        .integers("user_items", interactions.rows());
  }

  /** Reads the parts of a model with at least a few layers. */
  static GraphSetup read(ArchiveReader archive, int fewestLayers) {
    int layers = archive.intSetting("layers");
    requireLayers(layers, fewestLayers);
    int items = archive.intSetting("items");
    archive.requireNumbers("items", items);
    int[] starts = archive.integers("user_starts");
    int[] rows = archive.integers("user_items");
    int users = starts.length - 1;
    checkArgument(
        users >= 0 && starts[0] == 0 && starts[users] == rows.length, "user_starts do not fit");
    int[][] sets = new int[users][];
    for (int u = 0; u < users; u++) {
      checkArgument(
          starts[u] <= starts[u + 1] && starts[u + 1] <= rows.length,
          "user_starts must ascend to %s, found %s after %s",
          rows.length,
          starts[u + 1],
          starts[u]);
      sets[u] = Arrays.copyOfRange(rows, starts[u], starts[u + 1]);
    }
    ItemVocabulary vocabulary =
        archive.booleanSetting("rowNumberIds")
            ? ItemVocabulary.ofRows(items)
            : ItemVocabulary.of(archive.text("item_ids"));
    checkArgument(
        vocabulary.size() == items,
        "item_ids must have an id for each of %s items, found %s",
        items,
        vocabulary.size());
    return new GraphSetup(
        InteractionGraph.of(UserItems.of(vocabulary, archive.text("user_ids"), sets)),
        layers,
        archive.enumSetting("similarity", Similarity.class));
  }
}
