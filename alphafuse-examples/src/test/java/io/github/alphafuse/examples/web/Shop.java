package io.github.alphafuse.examples.web;

import static java.util.Objects.requireNonNull;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.examples.command.RootCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A shop of 80 items, two models of it, and a server of the first one. */
final class Shop implements AutoCloseable {
  static final int ITEMS = 80;
  static final Map<String, String> TITLES =
      Map.of(
          "0", "Café Crème, Sofa",
          "1", "cream of the crop",
          "2", "sofa bed",
          "3", "Möbelpolitur & <b>Wachs</b>",
          "4", "subcream lotion");

  private static final Map<String, Path> FILES = new HashMap<>();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  final LiveRecommender recommender;
  final RecommendationServer server;
  final List<String> problems = new CopyOnWriteArrayList<>();

  private Shop(RecommendationServer.Builder options, LiveRecommender recommender) {
    this.recommender = recommender;
    this.server =
        options
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .description(version -> Optional.of(SavedModel.describe(file("a"))))
            .problems(problems::add)
            .start();
  }

  static Shop open() {
    LiveRecommender recommender = LiveRecommender.of(model("a"), "a");
    return new Shop(RecommendationServer.builder(recommender).titles(items -> TITLES), recommender);
  }

  /** A shop whose server has other options. */
  static Shop open(Options options) {
    LiveRecommender recommender = LiveRecommender.of(model("a"), "a");
    RecommendationServer.Builder builder =
        RecommendationServer.builder(recommender).titles(items -> TITLES);
    options.applyTo(builder);
    return new Shop(builder, recommender);
  }

  interface Options {
    void applyTo(RecommendationServer.Builder builder);
  }

  static RankingModel model(String name) {
    return SavedModel.load(file(name));
  }

  static ItemVocabulary vocabulary() {
    return model("a").vocabulary();
  }

  /** The folder of the shop's data, and the files of models a and b, made once. */
  static synchronized Path file(String name) {
    if (FILES.isEmpty()) {
      try {
        Path folder = Files.createTempDirectory("shop");
        folder.toFile().deleteOnExit();
        run("generate-data --output DIR/data --items 80 --users 200 --dim 8", folder);
        for (String model : List.of("a", "b")) {
          run(
              "train -q --data DIR/data --epoch 2 --random_seed "
                  + (int) model.charAt(0)
                  + " --output DIR/"
                  + model,
              folder);
          FILES.put(model, folder.resolve(model));
        }
        FILES.put("data", folder.resolve("data"));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    return requireNonNull(FILES.get(name));
  }

  private static void run(String line, Path folder) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    int code =
        RootCommand.commandLine()
            .setOut(nowhere)
            .execute(line.replace("DIR", folder.toString()).split(" "));
    if (code != 0) {
      throw new IllegalStateException(line + " ended with " + code);
    }
  }

  /** An answer of the server. */
  record Answer(int status, HttpResponse<String> response) {
    String body() {
      return response.body();
    }

    JsonObject json() {
      return JsonParser.parseString(body()).getAsJsonObject();
    }

    String error() {
      return json().get("error").getAsString();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    /** The ids of the items. */
    List<String> ids() {
      return StreamSupport.stream(json().getAsJsonArray("items").spliterator(), false)
          .map(JsonElement::getAsJsonObject)
          .map(item -> item.get("item").getAsString())
          .toList();
    }
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, null);
  }

  Answer post(String path, String body) throws IOException, InterruptedException {
    return send("POST", path, BodyPublishers.ofString(body));
  }

  Answer send(String method, String path, @Nullable BodyPublisher body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .method(method, body == null ? BodyPublishers.noBody() : body)
            .build());
  }

  static Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
    return new Answer(response.statusCode(), response);
  }

  @Override
  public void close() {
    server.close();
    recommender.close();
  }
}
