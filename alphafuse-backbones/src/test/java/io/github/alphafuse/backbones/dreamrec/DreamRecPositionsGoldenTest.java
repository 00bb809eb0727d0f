package io.github.alphafuse.backbones.dreamrec;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.fixture.EveryPosition;
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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Agreement with the golden numbers of DreamRec trained at every position. */
@Tag("golden")
class DreamRecPositionsGoldenTest {

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : GoldenCase.discover("positions/")) {
      if (!golden.has("timesteps")) {
        continue; // SASRec's.
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
    DreamRec model = model(golden, backbone, engine);
    golden.compareFirstRows("item_embeddings", model.items().table(), backbone.tolerance());
    backbone.compareStates(
        EveryPosition.states(model.encoder(), model.items(), batch, engine), batch);
    for (String key : golden.keys("").stream().filter(key -> key.endsWith("/loss")).toList()) {
      compareTraining(golden, backbone, engine, key.replace("/loss", ""));
    }
    golden.finish(type);
  }

  private static void compareTraining(
      GoldenCase golden, GoldenBackbone backbone, Engine engine, String name) {
    DreamRec model = model(golden, backbone, engine);
    PaddedBatch examples = backbone.batchOfEveryPosition();
    TrainingBatch batch = new TrainingBatch(examples, new int[0]);
    DiffusionDraw draw = draw(golden, examples);
    Optimizer optimizer = backbone.optimizer(model).decoupledWeightDecay(true).build();
    Gradients gradients = Gradients.of(model.parameters());
    double[] trace = new double[golden.shape(name + "/loss_trace")[0]];
    try (DreamRecObjective objective =
        (DreamRecObjective) model.objective(DiffusionLoss.named(name), Positions.EVERY)) {
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

  /** What was drawn for the positions that hold an item. */
  private static DiffusionDraw draw(GoldenCase golden, PaddedBatch batch) {
    int[] places = batch.places();
    int[] allTimes = golden.ints("timesteps");
    int[] allDropped = golden.ints("condition_dropped");
    Tensor allNoise = golden.array("noise");
    int dim = golden.shape("noise")[2];
    int[] times = new int[places.length];
    boolean[] dropped = new boolean[places.length];
    Tensor noise = Tensor.zeros(ElementType.FLOAT64, places.length, dim);
    for (int p = 0; p < places.length; p++) {
      times[p] = allTimes[places[p]];
      dropped[p] = allDropped[places[p]] == 1;
      for (int j = 0; j < dim; j++) {
        noise.set(p * dim + j, allNoise.get(places[p] * dim + j));
      }
    }
    return new DiffusionDraw(times, noise, dropped);
  }

  private static DreamRec model(GoldenCase golden, GoldenBackbone backbone, Engine engine) {
    JsonObject settings = golden.settings();
    DreamRec model =
        DreamRec.builder(backbone.items())
            .maxLength(backbone.length())
            .engine(engine)
            .heads(backbone.heads())
            .dropout(settings.get("dropout").getAsDouble())
            .schedule(
                NoiseSchedule.linear(
                    settings.get("timesteps").getAsInt(),
                    settings.get("beta_start").getAsDouble(),
                    settings.get("beta_end").getAsDouble()))
            .sampling(Sampling.ddim(settings.get("timesteps").getAsInt()))
            .build();
    backbone.load(model);
    return model;
  }
}
