package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.train.GraphTrainer;
import io.github.alphafuse.core.language.LanguageEmbeddings;

/**
 * Published settings of AlphaRec: an MLP, Adam at 5e-4.
 *
 * @param name its name on the command line
 * @param layers K
 * @param loss InfoNCE over 256 unseen items
 * @param batchSize the number of pairs per step
 * @param weightDecay the L2 decay of the projector
 */
public record AlphaRecPreset(
    String name, int layers, InfoNce loss, int batchSize, double weightDecay)
    implements GraphPreset {

  @Override
  public double learningRate() {
    return 5e-4;
  }

  /**
   * A model's builder.
   *
   * @param text language embeddings of all items
   * @param graph the training graph
   * @return the builder
   */
  public AlphaRec.Builder builder(LanguageEmbeddings text, InteractionGraph graph) {
    return AlphaRec.builder(text, graph).projector(Projector.MLP).dim(DIM).layers(layers);
  }

  @Override
  public GraphTrainer.Builder trainer(GraphModel model) {
    return GraphTrainer.builder(model)
        .loss(loss)
        .learningRate(learningRate())
        .weightDecay(weightDecay)
        .batchSize(batchSize);
  }
}
