package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a model was trained on, how, and with what result. Trainers set it; it is saved with the
 * model and with checkpoints.
 *
 * <p>It holds no path, host or time, unless they are added, so that the same training gives the
 * same bytes everywhere. Immutable and thread-safe.
 *
 * @param data the data
 * @param settings the loss and the options of the trainer by name, with the seed
 * @param outcome the result
 * @param notes what the application added, by name
 * @param madeAt when the model was made, if the application added it
 */
public record Provenance(
    Data data,
    ImmutableMap<String, String> settings,
    Outcome outcome,
    ImmutableMap<String, String> notes,
    Optional<Instant> madeAt) {
  private static final String NAME = "provenance";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * The data of a training. Digests are {@code sha256:} and 64 hexadecimal digits.
   *
   * @param vocabulary the digest of the ids of the items
   * @param text the digest of the language embeddings, if the items know it
   * @param training the digest of the training examples or pairs
   * @param validation the digest of the validation examples or pairs, if there were some
   * @param examples the number of training examples or pairs
   * @param preparation how the data were filtered and split, step by step; empty if the trainer was
   *     given examples instead of a split
   */
  public record Data(
      String vocabulary,
      Optional<String> text,
      String training,
      Optional<String> validation,
      long examples,
      ImmutableList<String> preparation) {}

  /**
   * The result of a training.
   *
   * @param epochs the number of epochs that were made
   * @param bestEpoch the epoch whose weights the model has, from 1; 0 for the start weights
   * @param stop why training ended
   * @param validation the metrics of the best epoch by name; empty without validation
   */
  public record Outcome(
      int epochs, int bestEpoch, String stop, ImmutableMap<String, Double> validation) {}

  /**
   * The same provenance with notes added to those that it has.
   *
   * @param added notes by name; a note of the same name is replaced
   * @return a copy
   */
  public Provenance withNotes(ImmutableMap<String, String> added) {
    return new Provenance(
        data,
        settings,
        outcome,
        ImmutableMap.<String, String>builder().putAll(notes).putAll(added).buildKeepingLast(),
        madeAt);
  }

  /**
   * The same provenance with the time at which the model was made.
   *
   * @param time the time
   * @return a copy
   */
  public Provenance withTime(Instant time) {
    return new Provenance(data, settings, outcome, notes, Optional.of(time));
  }

  /**
   * The provenance as JSON.
   *
   * @return an object of the components by name, those that are empty left out
   */
  public String toJson() {
    JsonObject root = new JsonObject();
    JsonObject dataObject = new JsonObject();
    dataObject.addProperty("vocabulary", data.vocabulary);
    data.text.ifPresent(value -> dataObject.addProperty("text", value));
    dataObject.addProperty("training", data.training);
    data.validation.ifPresent(value -> dataObject.addProperty("validation", value));
    dataObject.addProperty("examples", data.examples);
    dataObject.add("preparation", GSON.toJsonTree(List.copyOf(data.preparation)));
    root.add("data", dataObject);
    root.add("settings", GSON.toJsonTree(settings));
    JsonObject result = new JsonObject();
    result.addProperty("epochs", outcome.epochs);
    result.addProperty("bestEpoch", outcome.bestEpoch);
    result.addProperty("stop", outcome.stop);
    result.add("validation", GSON.toJsonTree(outcome.validation));
    root.add("outcome", result);
    root.add("notes", GSON.toJsonTree(notes));
    madeAt.ifPresent(time -> root.addProperty("madeAt", time.toString()));
    return GSON.toJson(root);
  }

  /**
   * The provenance of its JSON.
   *
   * @param json what {@link #toJson} returned
   * @return the provenance
   * @throws IllegalArgumentException if it is something else
   */
  public static Provenance fromJson(String json) {
    try {
      JsonObject root = JsonParser.parseString(json).getAsJsonObject();
      JsonObject data = root.getAsJsonObject("data");
      JsonObject outcome = root.getAsJsonObject("outcome");
      ImmutableMap.Builder<String, Double> metrics = ImmutableMap.builder();
      outcome
          .getAsJsonObject("validation")
          .entrySet()
          .forEach(
              entry -> {
                double value = entry.getValue().getAsDouble();
                checkArgument(Double.isFinite(value), "provenance is malformed: %s", entry);
                metrics.put(entry.getKey(), value);
              });
      ImmutableList.Builder<String> preparation = ImmutableList.builder();
      JsonArray steps = data.getAsJsonArray("preparation");
      for (JsonElement step : steps) {
        preparation.add(step.getAsString());
      }
      return new Provenance(
          new Data(
              data.get("vocabulary").getAsString(),
              text(data, "text"),
              data.get("training").getAsString(),
              text(data, "validation"),
              data.get("examples").getAsLong(),
              preparation.build()),
          texts(root.getAsJsonObject("settings")),
          new Outcome(
              outcome.get("epochs").getAsInt(),
              outcome.get("bestEpoch").getAsInt(),
              outcome.get("stop").getAsString(),
              metrics.buildOrThrow()),
          texts(root.getAsJsonObject("notes")),
          text(root, "madeAt").map(Instant::parse));
    } catch (JsonParseException
        | NullPointerException
        | ClassCastException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException
        | DateTimeException
        | StackOverflowError e) {
      throw new IllegalArgumentException("provenance is malformed: " + e.getMessage(), e);
    }
  }

  private static Optional<String> text(JsonObject object, String name) {
    return object.has(name) ? Optional.of(object.get(name).getAsString()) : Optional.empty();
  }

  private static ImmutableMap<String, String> texts(JsonObject object) {
    ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
    object.entrySet().forEach(entry -> texts.put(entry.getKey(), entry.getValue().getAsString()));
    return texts.buildOrThrow();
  }

  /**
   * Writes the provenance as a text of an archive.
   *
   * @param archive the archive of a model or checkpoint
   */
  public void write(ArchiveWriter archive) {
    archive.text(NAME, toJson().lines().toList());
  }

  /**
   * Reads the provenance of an archive.
   *
   * @param archive the archive of a model or checkpoint
   * @return what {@link #write} wrote; empty if the model was not trained, or was saved by a
   *     version that kept none
   * @throws IllegalArgumentException if it is malformed
   */
  public static Optional<Provenance> read(ArchiveReader archive) {
    return archive.hasText(NAME)
        ? Optional.of(fromJson(String.join("\n", archive.text(NAME))))
        : Optional.empty();
  }
}
