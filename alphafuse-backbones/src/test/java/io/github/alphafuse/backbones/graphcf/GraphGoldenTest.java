package io.github.alphafuse.backbones.graphcf;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonObject;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.backbones.train.Adam;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.GoldenCase;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Every stored number of every case, through model, objective, optimizer and scorers. */
@Tag("golden")
class GraphGoldenTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "user", "user_embedding",
          "item", "item_embedding",
          "w1", "projector.inner.weight",
          "b1", "projector.inner.bias",
          "w2", "projector.outer.weight",
          "b2", "projector.outer.bias");

  @TestFactory
  List<DynamicTest> agrees() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : GoldenCase.discover("graph/")) {
      for (ElementType type : new ElementType[] {ElementType.FLOAT64, ElementType.FLOAT32}) {
        tests.add(dynamicTest(golden + " " + type, () -> compare(golden.again(), type)));
      }
    }
    return tests;
  }

  private static void compare(GoldenCase golden, ElementType type) {
    double tolerance = type == ElementType.FLOAT64 ? 1e-9 : 1e-4;
    JsonObject settings = golden.settings();
    InteractionGraph graph = graph(golden);
    GraphModel model = model(golden, graph, type);
    GraphEmbeddings embeddings = model.embeddings();
    golden.compare("user_embeddings", embeddings.users(), tolerance);
    golden.compare("item_embeddings", embeddings.items(), tolerance);
    try (UserScorer scorer = model.userScorer()) {
      golden.compare(
          "scores", scorer.score(IntStream.range(0, graph.userCount()).toArray()), tolerance);
    }
    if (model instanceof AlphaRec) {
      // A user of the graph by its items alone is the same user, if it has any.
      UserItems interactions = graph.interactions();
      int[] users =
          IntStream.range(0, graph.userCount())
              .filter(user -> interactions.items(user).length > 0)
              .toArray();
      int[][] histories = Arrays.stream(users).mapToObj(interactions::items).toArray(int[][]::new);
      try (GraphScorer scorer = model.scorer();
          UserScorer all = model.userScorer()) {
        Tensor vectors = embeddings.users().copy();
        put(scorer.userVectors(histories), users, vectors);
        golden.compare("user_embeddings", vectors, tolerance);
        Tensor scores = all.score(IntStream.range(0, graph.userCount()).toArray());
        put(scorer.score(histories), users, scores);
        golden.compare("scores", scores, tolerance);
      }
    }
    Adam optimizer =
        Adam.builder(model.parameters())
            .learningRate(settings.get("lr").getAsDouble())
            .weightDecay(
                settings.has("weight_decay") ? settings.get("weight_decay").getAsDouble() : 0)
            .build();
    Gradients gradients = Gradients.of(model.parameters());
    Loss loss = loss(settings);
    PairBatch batch = batch(golden, loss);
    double[] trace = new double[golden.shape("loss_trace")[0]];
    try (Objective<PairBatch> objective =
        model.objective(loss, settings.has("l2") ? settings.get("l2").getAsDouble() : 0)) {
      for (int step = 0; step < trace.length; step++) {
        trace[step] = objective.gradients(batch, new SplittableRandom(0), gradients);
        if (step == 0) {
          golden.compare("loss", Tensor.of(new double[] {trace[0]}), tolerance);
          for (String key : golden.keys("grad/")) {
            golden.compare(key, gradients.read(name(key)), tolerance);
          }
        }
        optimizer.step(gradients);
      }
    }
    golden.compare("loss_trace", Tensor.of(trace, trace.length), tolerance);
    for (String key : golden.keys("after3/")) {
      Tensor weight = requireNonNull(model.parameters().get(name(key)), key);
      if (type == ElementType.FLOAT64) {
        golden.compare(key, weight, tolerance);
      } else {
        // Adam makes steps of any size out of noise: only weights with a clear gradient count.
        golden.compareWhere(
            key, weight, new GoldenCase.Where(key.replace("after3/", "grad/"), 1e-4, tolerance));
      }
    }
    golden.finish(type);
  }

  private static void put(Tensor rows, int[] at, Tensor table) {
    int width = table.shape(1);
    for (int i = 0; i < rows.size(); i++) {
      table.set(at[i / width] * width + i % width, rows.get(i));
    }
  }

  private static String name(String key) {
    return requireNonNull(NAMES.get(key.substring(key.indexOf('/') + 1)), key);
  }

  private static InteractionGraph graph(GoldenCase golden) {
    int[] pairs = golden.ints("pairs");
    int users = golden.settings().get("users").getAsInt();
    List<List<Integer>> items = new ArrayList<>();
    for (int u = 0; u < users; u++) {
      items.add(new ArrayList<>());
    }
    for (int e = 0; e < pairs.length; e += 2) {
      items.get(pairs[e]).add(pairs[e + 1]);
    }
    int[][] sets =
        items.stream()
            .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    return InteractionGraph.of(UserItems.of(golden.settings().get("items").getAsInt(), sets));
  }

  private static GraphModel model(GoldenCase golden, InteractionGraph graph, ElementType type) {
    JsonObject settings = golden.settings();
    int dim = settings.get("dim").getAsInt();
    int layers = settings.get("layers").getAsInt();
    GraphModel model =
        golden.has("weights/language")
            ? AlphaRec.builder(LanguageEmbeddings.of(golden.array("weights/language")), graph)
                .dim(dim)
                .layers(layers)
                .elementType(type)
                .build()
            : LightGcn.builder(graph)
                .dim(dim)
                .layers(layers)
                .elementType(type)
                .similarity(settings.has("tau") ? Similarity.COSINE : Similarity.INNER_PRODUCT)
                .build();
    model
        .parameters()
        .forEach(
            (name, value) ->
                NAMES.forEach(
                    (key, ours) -> {
                      if (ours.equals(name)) {
                        value.copyFrom(golden.array("weights/" + key));
                      }
                    }));
    return model;
  }

  private static Loss loss(JsonObject settings) {
    return settings.has("tau")
        ? InfoNce.withNegatives(settings.get("negatives").getAsInt())
            .temperature(settings.get("tau").getAsDouble())
        : Bpr.create();
  }

  private static PairBatch batch(GoldenCase golden, Loss loss) {
    int[] users = golden.ints("users");
    int[] stored = golden.ints("negatives");
    int[] negatives = stored;
    if (loss instanceof Bpr) {
      int width = stored.length / users.length;
      negatives = new int[users.length];
      Arrays.setAll(negatives, b -> stored[b * width]);
    }
    return new PairBatch(users, golden.ints("positives"), negatives);
  }
}
