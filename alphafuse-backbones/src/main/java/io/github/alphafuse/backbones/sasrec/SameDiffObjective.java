package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.encoder.EncoderGraph;
import io.github.alphafuse.backbones.loss.GraphLoss;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SharedItems;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.GraphItemRows;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SASRec under a ranking loss as one SameDiff graph.
 *
 * <p>The graph has no packed rows. At every position, padded positions have a loss too, with weight
 * 0.
 *
 * <p>Legend: B examples, L positions, Q rows with a loss (B, or B L at every position), P targets,
 * K negatives, S shared items, N items, d embedding dimension.
 */
final class SameDiffObjective implements Objective<TrainingBatch> {
  private static final String HISTORY = "history_rows";
  private static final String TARGET = "target_rows";
  private static final String OTHERS = "other_rows";
  private static final String OFFSETS = "offsets";
  private static final String SHARES = "shares";

  /** Added to the logit of an item that is not a negative, so that its exponential is 0. */
  private static final double EXCLUDED = -1e9;

  private final EncoderWeights weights;
  private final ItemEmbedding items;
  private final RankingLoss loss;
  private final SameDiff graph;
  private final EncoderGraph encoder;
  private final GraphItemRows history;
  private final GraphItemRows target;
  private final GraphItemRows others;
  private final boolean hasOffsets;
  private final String lossName;
  private final List<String> differentiated;

  SameDiffObjective(TrainingTask task) {
    this.weights = task.weights();
    this.items = task.items();
    this.loss = task.loss();
    Backend.require();
    this.graph = SameDiff.create();
    this.history = GraphItemRows.placeholder(graph, items, HISTORY); // [B, L, d]
    this.target = GraphItemRows.placeholder(graph, items, TARGET); // [Q, d]
    this.others = GraphItemRows.placeholder(graph, items, OTHERS); // [Q, K, d], [S, d] or [N, d]
    this.hasOffsets = loss.contrast() == Contrast.SHARED || loss.excludesHistory();
    Optional<SDVariable> offsets =
        hasOffsets
            ? Optional.of(
                graph.placeHolder(
                    OFFSETS, Tensor.nd4jType(items.elementType()))) // [Q, S] or [Q, N]
            : Optional.empty();
    SDVariable shares = graph.placeHolder(SHARES, Tensor.nd4jType(items.elementType())); // [Q, 1]
    this.encoder =
        task.positions() == Positions.EVERY
            ? EncoderGraph.forTrainingAtEveryPosition(graph, weights, history.variable())
            : EncoderGraph.forTraining(graph, weights, history.variable());
    GraphLoss.Others contrasted = new GraphLoss.Others(others.variable(), offsets);
    SDVariable losses =
        loss.graph()
            .orElseThrow()
            .define(
                graph,
                new GraphLoss.Inputs(encoder.user(), target.variable(), contrasted)); // [Q, 1]
    SDVariable value = losses.mul(shares).sum(); // []
    this.lossName = value.name();
    graph.setLossVariables(value);
    // Placeholders must be named before the first gradient. Otherwise those that are only combined
    // with each other are dropped from the gradient graph.
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
    encoder.assign(weights);
    boolean[] padded = new boolean[examples.histories().length];
    for (int i = 0; i < padded.length; i++) {
      padded[i] = examples.histories()[i] == examples.padding();
    }
    Rows rows = new Rows(batch);
    Map<String, INDArray> fed = encoder.masks(padded, random);
    try {
      feedRows(batch, rows, fed);
      return backward(batch, rows, fed, gradients);
    } finally {
      fed.values().forEach(INDArray::close);
    }
  }

  private boolean contrastsCatalogue() {
    return loss.contrast() == Contrast.CATALOGUE;
  }

  /** The targets of the rows with a loss; padding if a row has none. */
  private final class Rows {
    private final int[] targets; // [Q]
    private final int[] others; // [Q, K] or [S]
    private final int[] places; // [P], the row of each target
    private final Tensor shares; // [Q, 1]

    Rows(TrainingBatch batch) {
      PaddedBatch examples = batch.examples();
      int[] found = examples.targets();
      int negatives = loss.negatives();
      if (examples.positions() == Positions.EVERY) {
        this.places = examples.places();
      } else {
        this.places = new int[found.length];
        Arrays.setAll(places, p -> p);
      }
      int count =
          examples.positions() == Positions.EVERY ? examples.histories().length : found.length;
      this.targets = new int[count];
      this.shares = Tensor.zeros(items.elementType(), count, 1);
      int[] own = new int[Math.multiplyExact(count, negatives)];
      Arrays.fill(targets, examples.padding());
      Arrays.fill(own, examples.padding());
      for (int p = 0; p < found.length; p++) {
        targets[places[p]] = found[p];
        shares.set(places[p], 1.0 / found.length);
        System.arraycopy(batch.negatives(), p * negatives, own, places[p] * negatives, negatives);
      }
      this.others = loss.contrast() == Contrast.SHARED ? batch.shared().items() : own;
    }
  }

  private void feedRows(TrainingBatch batch, Rows rows, Map<String, INDArray> fed) {
    PaddedBatch examples = batch.examples();
    fed.put(HISTORY, history.gather(examples.histories(), examples.size(), examples.length()));
    fed.put(TARGET, target.gather(rows.targets, rows.targets.length));
    fed.put(SHARES, rows.shares.toNd4j());
    fed.put(
        OTHERS,
        switch (loss.contrast()) {
          case CATALOGUE -> items.table().toNd4j();
          case SHARED -> others.gather(rows.others, rows.others.length);
          case NEGATIVES -> others.gather(rows.others, rows.targets.length, loss.negatives());
        });
    if (hasOffsets) {
      fed.put(OFFSETS, offsets(batch, rows).toNd4j());
    }
  }

  private Tensor offsets(TrainingBatch batch, Rows rows) {
    SharedItems shared = batch.shared();
    int width = contrastsCatalogue() ? items.itemCount() : shared.size();
    Tensor offsets = Tensor.zeros(items.elementType(), rows.targets.length, width);
    for (int i = 0; i < offsets.size() && !contrastsCatalogue(); i++) {
      offsets.set(i, Math.log(shared.weights()[i % width]));
    }
    ExcludedItems excluded = ExcludedItems.of(batch.examples(), loss, new ItemOrder());
    for (int i = 0; i < excluded.size(); i++) {
      int item = excluded.items()[i];
      int column = contrastsCatalogue() ? item : Arrays.binarySearch(shared.items(), item);
      if (column >= 0) {
        offsets.set(rows.places[excluded.targets()[i]] * width + column, EXCLUDED);
      }
    }
    return offsets;
  }

  private double backward(
      TrainingBatch batch, Rows rows, Map<String, INDArray> fed, Gradients gradients) {
    gradients.clear();
    var result = graph.calculateGradientsAndOutputs(fed, List.of(lossName), differentiated);
    Map<String, INDArray> found = result.getGradients();
    INDArray value = requireNonNull(result.getOutputs().get(lossName));
    try {
      for (String name : weights.asMap().keySet()) {
        gradients.get(name).copyFrom(Tensor.copyOf(requireNonNull(found.get(name))));
      }
      int[] histories = batch.examples().histories();
      history.accumulate(histories, requireNonNull(found.get(HISTORY)), gradients);
      target.accumulate(rows.targets, requireNonNull(found.get(TARGET)), gradients);
      if (contrastsCatalogue()) {
        items.accumulateTable(Tensor.copyOf(requireNonNull(found.get(OTHERS))), gradients);
      } else {
        others.accumulate(rows.others, requireNonNull(found.get(OTHERS)), gradients);
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
