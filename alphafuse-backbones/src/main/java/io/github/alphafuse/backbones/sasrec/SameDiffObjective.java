package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.EncoderGraph;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.GraphItemRows;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SASRec under a ranking loss as one SameDiff graph.
 *
 * <p>Legend: B examples, L positions, K negatives, N items, d embedding dimension.
 */
final class SameDiffObjective implements Objective {
  private static final String HISTORY = "history_rows";
  private static final String TARGET = "target_rows";
  private static final String OTHERS = "other_rows";

  private final EncoderWeights weights;
  private final ItemEmbedding items;
  private final RankingLoss loss;
  private final SameDiff graph;
  private final EncoderGraph encoder;
  private final GraphItemRows history;
  private final GraphItemRows target;
  private final GraphItemRows others;
  private final String lossName;
  private final List<String> differentiated;

  SameDiffObjective(EncoderWeights weights, ItemEmbedding items, RankingLoss loss) {
    this.weights = weights;
    this.items = items;
    this.loss = loss;
    Backend.require();
    this.graph = SameDiff.create();
    this.history = GraphItemRows.placeholder(graph, items, HISTORY); // [B, L, d]
    this.target = GraphItemRows.placeholder(graph, items, TARGET); // [B, d]
    this.others = GraphItemRows.placeholder(graph, items, OTHERS); // [B, K, d] or [N, d]
    this.encoder = EncoderGraph.forTraining(graph, weights, history.variable());
    SDVariable value =
        loss.define(
            graph,
            new RankingLoss.Inputs(encoder.user(), target.variable(), others.variable())); // []
    this.lossName = value.name();
    graph.setLossVariables(value);
    // Placeholders must be named before the first gradient: those that meet only each other are
    // dropped from the gradient graph otherwise.
    graph.createGradFunction(HISTORY, TARGET, OTHERS);
    this.differentiated = new ArrayList<>(weights.asMap().keySet());
    differentiated.add(HISTORY);
    differentiated.add(TARGET);
    differentiated.add(OTHERS);
  }

  @Override
  public int negatives() {
    return loss.negatives();
  }

  @Override
  public double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients) {
    PaddedBatch examples = batch.examples();
    BatchCheck.requireFit(batch, new BatchCheck.Expected(weights, items, loss));
    encoder.assign(weights);
    boolean[] padded = new boolean[examples.histories().length];
    for (int i = 0; i < padded.length; i++) {
      padded[i] = examples.histories()[i] == examples.padding();
    }
    Map<String, INDArray> fed = encoder.masks(padded, random);
    try {
      feedRows(batch, fed);
      return backward(batch, fed, gradients);
    } finally {
      fed.values().forEach(INDArray::close);
    }
  }

  private boolean contrastsCatalogue() {
    return loss.contrast() == Contrast.CATALOGUE;
  }

  private void feedRows(TrainingBatch batch, Map<String, INDArray> fed) {
    PaddedBatch examples = batch.examples();
    fed.put(HISTORY, history.gather(examples.histories(), examples.size(), examples.length()));
    fed.put(TARGET, target.gather(examples.targets(), examples.size()));
    fed.put(
        OTHERS,
        contrastsCatalogue()
            ? items.table().toNd4j()
            : others.gather(batch.negatives(), examples.size(), loss.negatives()));
  }

  private double backward(TrainingBatch batch, Map<String, INDArray> fed, Gradients gradients) {
    PaddedBatch examples = batch.examples();
    gradients.clear();
    var result = graph.calculateGradientsAndOutputs(fed, List.of(lossName), differentiated);
    Map<String, INDArray> found = result.getGradients();
    INDArray value = requireNonNull(result.getOutputs().get(lossName));
    try {
      for (String name : weights.asMap().keySet()) {
        gradients.get(name).copyFrom(Tensor.copyOf(requireNonNull(found.get(name))));
      }
      history.accumulate(examples.histories(), requireNonNull(found.get(HISTORY)), gradients);
      target.accumulate(examples.targets(), requireNonNull(found.get(TARGET)), gradients);
      if (contrastsCatalogue()) {
        items.accumulateTable(Tensor.copyOf(requireNonNull(found.get(OTHERS))), gradients);
      } else {
        others.accumulate(batch.negatives(), requireNonNull(found.get(OTHERS)), gradients);
      }
      return value.getDouble(0);
    } finally {
      found.values().forEach(INDArray::close);
      value.close();
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
