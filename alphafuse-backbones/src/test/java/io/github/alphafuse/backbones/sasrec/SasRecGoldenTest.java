package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.train.Adam;
import io.github.alphafuse.backbones.train.Optimizer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.GoldenCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Every stored number of every case, through the model, the objective and the optimizer of
 * training.
 */
@Tag("golden")
class SasRecGoldenTest {
  private static final ImmutableSet<String> MODELS =
      ImmutableSet.of("AlphaFuse", "SASRec", "LLMInit");
  private static final String ID_TABLE = "item_embeddings.ID_embeddings.weight";
  private static final String KEY_BIAS = "mh_attn.linear_k.bias";

  /** The names of the golden files beside ours. */
  private static final ImmutableMap<String, String> NAMES =
      ImmutableMap.<String, String>builder()
          .put("positional_embeddings.weight", "position_embedding")
          .putAll(pair("ln_1", "blocks.0.attention_norm"))
          .putAll(pair("mh_attn.linear_q", "blocks.0.query"))
          .putAll(pair("mh_attn.linear_k", "blocks.0.key"))
          .putAll(pair("mh_attn.linear_v", "blocks.0.value"))
          .putAll(pair("ln_2", "blocks.0.feed_forward_norm"))
          .putAll(pair("feed_forward.w_1", "blocks.0.inner"))
          .putAll(pair("feed_forward.w_2", "blocks.0.outer"))
          .putAll(pair("feed_forward.layer_norm", "blocks.0.output_norm"))
          .putAll(pair("ln_3", "final_norm"))
          .put(ID_TABLE, "item_embedding.id")
          .buildOrThrow();

  private static Map<String, String> pair(String golden, String ours) {
    return Map.of(golden + ".weight", ours + ".weight", golden + ".bias", ours + ".bias");
  }

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<GoldenCase> cases = GoldenCase.discover("sasrec/");
    assertThat(cases)
        .as("golden cases of a known strategy")
        .anyMatch(golden -> MODELS.contains(golden.settings().get("model").getAsString()));
    for (GoldenCase golden : cases) {
      String model = golden.settings().get("model").getAsString();
      for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
        for (Engine engine : Engine.values()) {
          tests.add(
              dynamicTest(
                  golden + " " + type + " " + engine,
                  () -> {
                    Assumptions.assumeTrue(
                        MODELS.contains(model), () -> "no strategy of this version is " + model);
                    compare(golden.again(), type, engine);
                  }));
        }
      }
    }
    return tests;
  }

  private static void compare(GoldenCase golden, DataType type, Engine engine) {
    double tolerance = type == DataType.DOUBLE ? 1e-9 : 1e-4;
    int padding = golden.settings().get("padding_id").getAsInt();
    int[] sequences = golden.ints("sequences");
    int length = golden.shape("sequences")[1];
    int[] targets = golden.ints("targets");
    int[][] histories = new int[targets.length][];
    Examples.Builder builder = Examples.builder(padding);
    for (int b = 0; b < targets.length; b++) {
      histories[b] =
          Arrays.stream(sequences, b * length, (b + 1) * length)
              .filter(item -> item != padding)
              .toArray();
      builder.add("user " + b, histories[b], targets[b]);
    }
    int[] all = new int[targets.length];
    Arrays.setAll(all, b -> b);
    Examples examples = builder.build();

    SasRec model = model(golden, type, engine);
    try (SasRecScorer scorer = model.scorer()) {
      golden.compareFirstRows("item_embeddings", model.items().table(), tolerance);
      golden.compare("hidden", scorer.userVectors(histories), tolerance);
      golden.compare("scores", scorer.score(histories), tolerance);
    }
    List<String> losses = golden.keys("").stream().filter(key -> key.endsWith("/loss")).toList();
    for (String key : losses) {
      String name = key.replace("/loss", "");
      SasRec start = model(golden, type, engine);
      RankingLoss loss = loss(name, golden);
      int[] negatives = loss.negatives() == 0 ? new int[0] : golden.ints("negatives");
      compareTraining(
          golden, start, name, loss, new TrainingBatch(examples.batch(all, length), negatives));
    }
    golden.finish(type);
  }

  private static RankingLoss loss(String name, GoldenCase golden) {
    return switch (name) {
      case "ce" -> FullSoftmax.ofInnerProducts();
      case "bce" -> BinaryCrossEntropy.withNegatives(golden.shape("negatives")[1]);
      case "infonce" ->
          InfoNce.withNegatives(golden.shape("negatives")[1])
              .temperature(golden.settings().get("temperature").getAsDouble());
      default -> throw new AssertionError("unknown loss " + name);
    };
  }

  private static void compareTraining(
      GoldenCase golden, SasRec model, String name, RankingLoss loss, TrainingBatch batch) {
    JsonObject settings = golden.settings();
    boolean exact = model.items().dataType() == DataType.DOUBLE;
    double tolerance = exact ? 1e-9 : 1e-4;
    Optimizer optimizer =
        Adam.builder(model.parameters())
            .learningRate(settings.get("lr").getAsDouble())
            .betas(
                settings.getAsJsonArray("betas").get(0).getAsDouble(),
                settings.getAsJsonArray("betas").get(1).getAsDouble())
            .epsilon(settings.get("eps").getAsDouble())
            .weightDecay(settings.get("weight_decay").getAsDouble())
            .build();
    Gradients gradients = Gradients.of(model.parameters());
    int steps = golden.shape(name + "/loss_trace")[0];
    double[] trace = new double[steps];
    try (Objective objective = model.objective(loss)) {
      for (int step = 0; step < steps; step++) {
        trace[step] = objective.gradients(batch, new SplittableRandom(1), gradients);
        if (step == 0) {
          golden.compare(name + "/loss", Tensor.of(new double[] {trace[0]}, 1), tolerance);
          NAMES.forEach(
              (key, ours) -> compareGradient(golden, name + "/grad/" + key, gradients.get(ours)));
        }
        optimizer.step(gradients);
      }
    }
    golden.compare(name + "/loss_trace", Tensor.of(trace, steps), tolerance);
    NAMES.forEach(
        (key, ours) ->
            compareWeights(golden, name, key, requireNonNull(model.parameters().get(ours))));
  }

  private static void compareGradient(GoldenCase golden, String key, Tensor gradient) {
    boolean exact = gradient.dataType() == DataType.DOUBLE;
    if (key.endsWith(KEY_BIAS)) {
      // Its true gradient is zero: both sides hold rounding noise.
      golden.compareAbsolute(key, gradient, exact ? 1e-9 : 1e-4);
    } else if (key.endsWith(ID_TABLE)) {
      golden.compareFirstRows(key, gradient.firstRows(gradient.shape(0) - 1), exact ? 1e-9 : 1e-4);
    } else {
      golden.compare(key, gradient, exact ? 1e-9 : 1e-4);
    }
  }

  private static void compareWeights(GoldenCase golden, String loss, String key, Tensor weight) {
    String after = loss + "/after3/" + key;
    boolean exact = weight.dataType() == DataType.DOUBLE;
    Tensor items = key.equals(ID_TABLE) ? weight.firstRows(weight.shape(0) - 1) : weight;
    if (!exact) {
      // Adam makes steps of any size out of noise: only weights with a clear gradient are compared.
      double share = key.equals(KEY_BIAS) ? 1 : 1e-4;
      golden.compareWhere(after, items, new GoldenCase.Where(loss + "/grad/" + key, share, 1e-4));
    } else if (key.equals(KEY_BIAS)) {
      golden.compareAbsolute(after, items, 1e-9);
    } else {
      golden.compareFirstRows(after, items, 1e-9);
    }
  }

  private static SasRec model(GoldenCase golden, DataType type, Engine engine) {
    JsonObject settings = golden.settings();
    JsonObject options = settings.getAsJsonObject("options");
    int items = settings.get("padding_id").getAsInt();
    Tensor ids = golden.array("weights/" + ID_TABLE);
    ItemEmbedding embedding;
    String language = "weights/item_embeddings.language_embeddings.weight";
    if (settings.get("model").getAsString().equals("AlphaFuse")) {
      boolean cover = options.has("cover") && options.get("cover").getAsBoolean();
      embedding =
          FusedItemEmbedding.ofProjected(
                  golden.array(language).firstRows(items), ids.shape(1), cover)
              .idEmbedding(ids)
              .dataType(type)
              .build();
    } else {
      embedding = IdItemEmbedding.builder(items, ids.shape(1)).rows(ids).dataType(type).build();
    }
    int heads = options.has("num_heads") ? options.get("num_heads").getAsInt() : 1;
    SasRec model =
        SasRec.builder(embedding)
            .maxLength(golden.shape("sequences")[1])
            .heads(heads)
            .dropout(settings.get("dropout").getAsDouble())
            .engine(engine)
            .build();
    NAMES.forEach(
        (key, ours) -> {
          Tensor weight = requireNonNull(model.parameters().get(ours));
          weight.copyFrom(golden.array("weights/" + key).reshape(weight.shape()));
        });
    return model;
  }
}
