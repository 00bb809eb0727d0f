package io.github.alphafuse.backbones.dreamrec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.fixture.GoldenBackbone;
import io.github.alphafuse.backbones.model.Engine;
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
class DreamRecGoldenTest {

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<GoldenCase> cases = GoldenCase.discover("dreamrec/");
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
    Tensor start = golden.array("start_noise").to(type);
    DreamRec model = model(golden, backbone, engine);
    golden.compareFirstRows("item_embeddings", model.items().table(), backbone.tolerance());
    for (Sampling.Form form : Sampling.Form.values()) {
      DreamRec sampling = model.withSampling(model.sampling().withForm(form));
      try (DreamRecScorer scorer = sampling.scorer()) {
        golden.compare("condition", scorer.conditions(histories), backbone.tolerance());
        Tensor generated = scorer.generate(histories, start);
        golden.compare("generated", generated, backbone.tolerance());
        golden.compare("scores", scorer.scoreVectors(generated), backbone.tolerance());
      }
    }
    for (String key : golden.keys("").stream().filter(key -> key.endsWith("/loss")).toList()) {
      compareTraining(golden, backbone, engine, key.replace("/loss", ""));
    }
    golden.finish(type);
  }

  private static void compareTraining(
      GoldenCase golden, GoldenBackbone backbone, Engine engine, String name) {
    DreamRec model = model(golden, backbone, engine);
    TrainingBatch batch = new TrainingBatch(backbone.batch(), new int[0]);
    int[] dropped = golden.ints("condition_dropped");
    boolean[] conditionDropped = new boolean[dropped.length];
    for (int b = 0; b < dropped.length; b++) {
      conditionDropped[b] = dropped[b] == 1;
    }
    DiffusionDraw draw =
        new DiffusionDraw(golden.ints("timesteps"), golden.array("noise"), conditionDropped);
    Optimizer optimizer = backbone.optimizer(model).decoupledWeightDecay(true).build();
    Gradients gradients = Gradients.of(model.parameters());
    double[] trace = new double[golden.shape(name + "/loss_trace")[0]];
    try (DreamRecObjective objective =
        (DreamRecObjective) model.objective(DiffusionLoss.named(name))) {
      for (int step = 0; step < trace.length; step++) {
        trace[step] = objective.step(batch, draw).run(new SplittableRandom(1), gradients);
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

  private static DreamRec model(GoldenCase golden, GoldenBackbone backbone, Engine engine) {
    JsonObject settings = golden.settings();
    int steps = settings.get("timesteps").getAsInt();
    String schedule = settings.get("schedule").getAsString();
    DreamRec model =
        DreamRec.builder(backbone.items())
            .maxLength(backbone.length())
            .engine(engine)
            .heads(backbone.heads())
            .dropout(settings.get("dropout").getAsDouble())
            .conditionDropout(settings.get("condition_dropout").getAsDouble())
            .schedule(
                schedule.equals("linear")
                    ? NoiseSchedule.linear(
                        steps,
                        settings.get("beta_start").getAsDouble(),
                        settings.get("beta_end").getAsDouble())
                    : NoiseSchedule.named(schedule, steps))
            .sampling(
                Sampling.ddim(settings.get("ddim_stride").getAsInt())
                    .withGuidance(settings.get("guidance").getAsDouble()))
            .build();
    backbone.load(model);
    return model;
  }
}
