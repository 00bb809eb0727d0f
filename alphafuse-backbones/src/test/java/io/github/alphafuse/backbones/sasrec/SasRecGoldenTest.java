package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.alphafuse.backbones.fixture.GoldenBackbone;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.train.Optimizer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every stored number of every case, through the model, the objective and the optimizer of
 * training.
 */
@Tag("golden")
class SasRecGoldenTest {

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<GoldenCase> cases = GoldenCase.discover("sasrec/");
    assertThat(cases).as("cases of a known strategy").anyMatch(GoldenBackbone::supports);
    for (GoldenCase golden : cases) {
      for (ElementType type : new ElementType[] {ElementType.FLOAT64, ElementType.FLOAT32}) {
        for (Engine engine : Engine.values()) {
          if (!GoldenBackbone.computes(engine, golden, type)) {
            continue;
          }
          tests.add(
              dynamicTest(
                  golden + " " + type + " " + engine,
                  () -> {
                    Assumptions.assumeTrue(
                        GoldenBackbone.supports(golden),
                        () -> "this version has no strategy for " + golden);
                    compare(golden.again(), type, engine);
                  }));
        }
      }
    }
    return tests;
  }

  private static void compare(GoldenCase golden, ElementType type, Engine engine) {
    GoldenBackbone backbone = new GoldenBackbone(golden, type);
    int[][] histories = backbone.histories();
    SasRec model = model(golden, backbone, engine);
    try (SasRecScorer scorer = model.scorer()) {
      golden.compareFirstRows("item_embeddings", model.items().table(), backbone.tolerance());
      golden.compare("hidden", scorer.userVectors(histories), backbone.tolerance());
      golden.compare("scores", scorer.score(histories), backbone.tolerance());
    }
    for (String key : golden.keys("").stream().filter(key -> key.endsWith("/loss")).toList()) {
      compareTraining(golden, backbone, model(golden, backbone, engine), key.replace("/loss", ""));
    }
    golden.finish(type);
  }

  private static void compareTraining(
      GoldenCase golden, GoldenBackbone backbone, SasRec model, String name) {
    RankingLoss loss = loss(name, golden);
    int[] negatives = loss.negatives() == 0 ? new int[0] : golden.ints("negatives");
    TrainingBatch batch = new TrainingBatch(backbone.batch(), negatives);
    Optimizer optimizer = backbone.optimizer(model).build();
    Gradients gradients = Gradients.of(model.parameters());
    double[] trace = new double[golden.shape(name + "/loss_trace")[0]];
    try (Objective<TrainingBatch> objective = model.objective(loss)) {
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

  private static RankingLoss loss(String name, GoldenCase golden) {
    return switch (name) {
      case "ce" -> FullSoftmax.ofInnerProducts();
      case "bce" -> BinaryCrossEntropy.withNegatives(golden.shape("negatives")[1]);
      case "infonce", "infonce_plus_reg" ->
          InfoNce.withNegatives(golden.shape("negatives")[1])
              .temperature(golden.settings().get("temperature").getAsDouble());
      default -> throw new AssertionError("unknown loss " + name);
    };
  }

  private static SasRec model(GoldenCase golden, GoldenBackbone backbone, Engine engine) {
    SasRec model =
        SasRec.builder(backbone.items())
            .maxLength(backbone.length())
            .heads(backbone.heads())
            .dropout(golden.settings().get("dropout").getAsDouble())
            .engine(engine)
            .build();
    backbone.load(model);
    return model;
  }
}
