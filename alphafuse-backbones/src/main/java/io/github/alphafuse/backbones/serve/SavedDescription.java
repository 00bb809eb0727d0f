package io.github.alphafuse.backbones.serve;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.core.storage.ArchiveFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What a saved file says of itself.
 *
 * <p>Immutable and thread-safe.
 *
 * @param format its kind and version
 * @param libraryVersion the version of the library that wrote it
 * @param settings the settings of the object by name, those of its parts under {@code PART.NAME}
 * @param arrays the types and shapes of its arrays by name, those of its parts under {@code
 *     PART/NAME}
 * @param provenance what it was trained on, how, and with what result, if it was trained
 */
public record SavedDescription(
    ArchiveFormat format,
    String libraryVersion,
    ImmutableMap<String, String> settings,
    ImmutableMap<String, String> arrays,
    Optional<Provenance> provenance) {

  /**
   * The description as lines of text.
   *
   * @return a heading for each part, and an indented line for each value
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(format.kind())
        .append(", format ")
        .append(format.version())
        .append(", written by library version ")
        .append(libraryVersion)
        .append('\n');
    append(text, "Settings", settings);
    append(text, "Arrays", arrays);
    provenance.ifPresentOrElse(
        trained -> append(text, trained), () -> text.append("Provenance: none\n"));
    return text.toString();
  }

  private static void append(StringBuilder text, Provenance trained) {
    Provenance.Data data = trained.data();
    ImmutableMap.Builder<String, String> lines = ImmutableMap.builder();
    lines.put("training", data.examples() + " examples, " + data.training());
    lines.put("validation", data.validation().orElse("none"));
    lines.put("vocabulary", data.vocabulary());
    lines.put("text", data.text().orElse("none, or not known"));
    lines.put("preparation", known(data.preparation()));
    append(text, "Data", lines.buildOrThrow());
    append(text, "Training", trained.settings());
    Provenance.Outcome outcome = trained.outcome();
    ImmutableMap.Builder<String, String> result = ImmutableMap.builder();
    result.put("epochs", outcome.epochs() + ", ended by " + outcome.stop());
    result.put("best epoch", String.valueOf(outcome.bestEpoch()));
    outcome
        .validation()
        .forEach((name, value) -> result.put("validation " + name, String.valueOf(value)));
    append(text, "Result", result.buildOrThrow());
    append(text, "Notes", trained.notes());
    trained.madeAt().ifPresent(time -> text.append("Made at: ").append(time).append('\n'));
  }

  private static String known(ImmutableList<String> steps) {
    return steps.isEmpty() ? "not known" : String.join(", ", steps);
  }

  private static void append(StringBuilder text, String heading, Map<String, String> values) {
    if (values.isEmpty()) {
      return;
    }
    int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
    text.append(heading).append(":\n");
    values.forEach(
        (name, value) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value)
                .append('\n'));
  }
}
