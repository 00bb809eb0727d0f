package io.github.alphafuse.backbones.sasrec;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.fixture.EveryPosition;
import io.github.alphafuse.backbones.fixture.GoldenBackbone;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.loss.SharedNegatives;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SharedItems;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.train.Optimizer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Agreement with the golden numbers of training at every position: states, scores of both kinds,
 * losses, gradients and weights after three steps, on every engine and in both types.
 */
@Tag("golden")
class SasRecPositionsGoldenTest {

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : GoldenCase.discover("positions/")) {
      if (golden.has("timesteps")) {
        continue; // DreamRec's.
      }
      for (ElementType type : new ElementType[] {ElementType.FLOAT64, ElementType.FLOAT32}) {
        for (Engine engine : Engine.values()) {
          if (GoldenBackbone.computes(engine, golden, type)) {
            tests.add(
                dynamicTest(
                    golden + " " + type + " " + engine,
                    () -> compare(golden.again(), type, engine)));
          }
        }
      }
    }
    return tests;
  }

  private static void compare(GoldenCase golden, ElementType type, Engine engine) {
    GoldenBackbone backbone = new GoldenBackbone(golden, type);
    PaddedBatch batch = backbone.batchOfEveryPosition();
    SasRec model = model(golden, backbone, engine);
    golden.compareFirstRows("item_embeddings", model.items().table(), backbone.tolerance());
    backbone.compareStates(
        EveryPosition.states(model.encoder(), model.items(), batch, engine), batch);
    for (Similarity similarity : Similarity.values()) {
      String key = similarity == Similarity.COSINE ? "scores_cosine" : "scores_inner";
      try (SasRecScorer scorer = model.withSimilarity(similarity).scorer()) {
        golden.compare(key, scorer.score(backbone.histories()), backbone.tolerance());
      }
    }
    compareWeightsOfItems(golden, batch);
    for (String key : golden.keys("").stream().filter(key -> key.endsWith("/loss")).toList()) {
      compareTraining(golden, backbone, model(golden, backbone, engine), key.replace("/loss", ""));
    }
    golden.finish(type);
  }

  private static void compareWeightsOfItems(GoldenCase golden, PaddedBatch batch) {
    Tensor shares = golden.array("target_share");
    int drawn = golden.shape("shared")[0];
    SharedItems weighed =
        new SharedNegatives(drawn, true, true)
            .sampler(frequencies(shares))
            .weigh(golden.ints("batch_items"), batch.targets().length);
    golden.compare("batch_weights", Tensor.of(weighed.weights(), weighed.size()), 1e-9);
  }

  /** The least whole numbers of these shares. */
  private static long[] frequencies(Tensor shares) {
    for (int total = 1; total < 1_000_000; total++) {
      long[] counts = new long[shares.size()];
      boolean whole = true;
      for (int i = 0; i < counts.length && whole; i++) {
        double count = shares.get(i) * total;
        counts[i] = Math.round(count);
        whole = Math.abs(count - counts[i]) < 1e-9 * total;
      }
      if (whole && Arrays.stream(counts).sum() == total) {
        return counts;
      }
    }
    throw new AssertionError("target_share holds no shares of whole numbers");
  }

  private static void compareTraining(
      GoldenCase golden, GoldenBackbone backbone, SasRec model, String name) {
    RankingLoss loss = loss(name, golden);
    TrainingBatch batch = batch(golden, backbone.batchOfEveryPosition(), loss);
    Optimizer optimizer = backbone.optimizer(model).build();
    Gradients gradients = Gradients.of(model.parameters());
    double[] trace = new double[golden.shape(name + "/loss_trace")[0]];
    try (Objective<TrainingBatch> objective = model.objective(loss, Positions.EVERY)) {
      for (int step = 0; step < trace.length; step++) {
        trace[step] = objective.gradients(batch, new SplittableRandom(1), gradients);
        if (step == 0) {
          golden.compare(
              name + "/loss", Tensor.of(new double[] {trace[0]}, 1), backbone.tolerance());
          backbone.compareGradients(name, gradients);
        }
        optimizer.step(gradients);
      }
    }
    golden.compare(name + "/loss_trace", Tensor.of(trace, trace.length), backbone.tolerance());
    backbone.compareWeights(name, model);
  }

  private static TrainingBatch batch(GoldenCase golden, PaddedBatch batch, RankingLoss loss) {
    return switch (loss.contrast()) {
      case NEGATIVES -> new TrainingBatch(batch, negatives(golden, batch));
      case CATALOGUE -> new TrainingBatch(batch, new int[0]);
      case SHARED -> {
        SharedNegatives how = loss.sharedNegatives().orElseThrow();
        int[] items = golden.ints(how.batchTargets() ? "batch_items" : "shared");
        Arrays.sort(items);
        yield new TrainingBatch(
            batch,
            how.sampler(frequencies(golden.array("target_share")))
                .weigh(items, batch.targets().length));
      }
    };
  }

  private static int[] negatives(GoldenCase golden, PaddedBatch batch) {
    int count = golden.shape("negatives")[2];
    int[] all = golden.ints("negatives");
    int[] places = batch.places();
    int[] negatives = new int[places.length * count];
    for (int p = 0; p < places.length; p++) {
      System.arraycopy(all, places[p] * count, negatives, p * count, count);
    }
    return negatives;
  }

  private static RankingLoss loss(String name, GoldenCase golden) {
    double temperature = golden.settings().get("temperature").getAsDouble();
    int negatives = golden.shape("negatives")[2];
    int shared = golden.shape("shared")[0];
    return switch (name) {
      case "ce" -> FullSoftmax.ofInnerProducts();
      case "cosine_ce" -> FullSoftmax.ofCosines(temperature);
      case "cosine_ce_unseen" -> FullSoftmax.ofCosines(temperature).excludesHistory(true);
      case "bce" -> BinaryCrossEntropy.withNegatives(negatives);
      case "infonce" -> InfoNce.withNegatives(negatives).temperature(temperature);
      case "shared" -> SampledSoftmax.withShared(shared).temperature(temperature);
      case "shared_weighted" ->
          SampledSoftmax.withShared(shared).weighted(true).temperature(temperature);
      case "batch" -> SampledSoftmax.withBatchTargets(shared).temperature(temperature);
      case "batch_unseen" ->
          SampledSoftmax.withBatchTargets(shared).temperature(temperature).excludesHistory(true);
      default -> throw new AssertionError("unknown loss " + name);
    };
  }

  private static SasRec model(GoldenCase golden, GoldenBackbone backbone, Engine engine) {
    SasRec model =
        SasRec.builder(backbone.items())
            .maxLength(backbone.length())
            .heads(backbone.heads())
            .blocks(golden.settings().get("layers").getAsInt())
            .dropout(golden.settings().get("dropout").getAsDouble())
            .engine(engine)
            .build();
    backbone.load(model);
    return model;
  }
}
