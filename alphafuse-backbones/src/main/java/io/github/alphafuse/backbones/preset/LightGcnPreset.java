package io.github.alphafuse.backbones.preset;

import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.train.GraphTrainer;

/**
 * Published settings of LightGCN.
 *
 * @param name its name on the command line
 * @param layers K
 * @param loss BPR, or InfoNCE over 256 unseen items
 * @param learningRate the learning rate of Adam
 * @param egoDecay the factor of the squared lengths of a batch's start vectors
 * @param epochs the largest number of epochs
 */
public record LightGcnPreset(
    String name, int layers, Loss loss, double learningRate, double egoDecay, int epochs)
    implements GraphPreset {

  /**
   * A model's builder.
   *
   * @param graph the training graph
   * @return the builder
   */
  public LightGcn.Builder builder(InteractionGraph graph) {
    return LightGcn.builder(graph)
        .dim(DIM)
        .layers(layers)
        .similarity(loss instanceof InfoNce ? Similarity.COSINE : Similarity.INNER_PRODUCT);
  }

  @Override
  public GraphTrainer.Builder trainer(GraphModel model) {
    return GraphTrainer.builder(model)
        .loss(loss)
        .learningRate(learningRate)
        .egoDecay(egoDecay)
        .epochs(epochs);
  }
}
