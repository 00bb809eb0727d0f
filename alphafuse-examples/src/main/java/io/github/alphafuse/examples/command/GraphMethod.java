package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.graphcf.Projector;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The graph models that are compared, each with what it is trained by. */
enum GraphMethod {
  LIGHT_GCN("LightGCN", "trained rows of users and items, BPR", GraphOptions.PairLoss.BPR),
  LIGHT_GCN_INFO_NCE(
      "LightGCN-InfoNCE",
      "trained rows of users and items, InfoNCE over cosines",
      GraphOptions.PairLoss.INFONCE),
  ALPHA_REC("AlphaRec", "frozen text through a trained MLP, InfoNCE over cosines", Projector.MLP),
  ALPHA_REC_LINEAR(
      "AlphaRec-linear",
      "frozen text through a trained linear map, InfoNCE over cosines",
      Projector.LINEAR);

  private final String label;
  private final String description;
  private final ImmutableList<String> flags;

  GraphMethod(String label, String description, GraphOptions.PairLoss loss) {
    this.label = label;
    this.description = description;
    this.flags = ImmutableList.of("--model=" + GraphOptions.Kind.LIGHTGCN, "--loss=" + loss);
  }

  GraphMethod(String label, String description, Projector projector) {
    this.label = label;
    this.description = description;
    this.flags =
        ImmutableList.of("--model=" + GraphOptions.Kind.ALPHAREC, "--projector=" + projector);
  }

  /** Whether a method of the name needs language embeddings. */
  static boolean isOfText(String name) {
    return name.equals(ALPHA_REC.label) || name.equals(ALPHA_REC_LINEAR.label);
  }

  /** The names, as they are written in messages. */
  static List<String> names() {
    return Arrays.stream(values()).map(GraphMethod::toString).toList();
  }

  /** The method of a name, whatever the case and the dashes. */
  static Optional<GraphMethod> find(String name) {
    return Arrays.stream(values())
        .filter(method -> Choices.key(method.label).equals(Choices.key(name.strip())))
        .findFirst();
  }

  private Variant variant(Map<String, String> settings) {
    return new Variant(label, label, description, flags, ImmutableMap.copyOf(settings));
  }

  @Override
  public String toString() {
    return label;
  }

  /** Reads the names. */
  static final class Roster implements Variant.Roster {
    @Override
    public List<Variant> group(String name, Map<String, String> settings) {
      if (name.equals(Variant.ABLATIONS)) {
        throw new IllegalArgumentException(
            "--methods ablations are of AlphaFuse, for --backbone sasrec or dreamrec: expected all"
                + " or some of "
                + names()
                + " with --backbone graph");
      }
      return name.equals(Variant.ALL)
          ? Arrays.stream(values()).map(method -> method.variant(settings)).toList()
          : List.of();
    }

    @Override
    public Variant method(String name, Map<String, String> settings) {
      Optional<GraphMethod> found = find(name);
      if (found.isPresent()) {
        return found.get().variant(settings);
      }
      Optional<Method> other = Method.find(name);
      throw new IllegalArgumentException(
          other.isPresent()
              ? "--methods "
                  + other.get()
                  + " is a sequence model, for --backbone sasrec or dreamrec: expected all or some"
                  + " of "
                  + names()
                  + " with --backbone graph"
              : "--methods: expected all or some of "
                  + names()
                  + ", found '"
                  + name
                  + "'"
                  + nearest(name));
    }

    private static String nearest(String name) {
      return NearestName.find(
              Choices.key(name.strip()), names().stream().map(Choices::key).toList())
          .flatMap(GraphMethod::find)
          .map(near -> "; did you mean " + near + "?")
          .orElse("");
    }
  }
}
