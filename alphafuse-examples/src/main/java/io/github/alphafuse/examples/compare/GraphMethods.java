package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.examples.option.Choices;
import io.github.alphafuse.examples.option.ModelType;
import io.github.alphafuse.examples.option.NearestName;
import java.util.List;
import java.util.Optional;

/** The graph models to compare, each with its loss. */
final class GraphMethods implements Method.Names {
  private static final String OF_TEXT = "--model=alpharec";

  private static final ImmutableList<Method> METHODS =
      ImmutableList.of(
          new Method(
              "LightGCN", "trained rows of users and items, BPR", "--model=lightgcn", "--loss=bpr"),
          new Method(
              "LightGCN-InfoNCE",
              "trained rows of users and items, InfoNCE over cosines",
              "--model=lightgcn",
              "--loss=infonce"),
          new Method(
              "AlphaRec",
              "frozen text through a trained MLP, InfoNCE over cosines",
              OF_TEXT,
              "--projector=mlp"),
          new Method(
              "AlphaRec-linear",
              "frozen text through a trained linear map, InfoNCE over cosines",
              OF_TEXT,
              "--projector=linear"));

  /** Returns whether a method needs language embeddings. */
  static boolean isOfText(Method method) {
    return method.flags().contains(OF_TEXT);
  }

  /** Returns the names, as messages show them. */
  static List<String> names() {
    return METHODS.stream().map(Method::name).toList();
  }

  /** Returns the method with a name; case, dashes and underscores are ignored. */
  static Optional<Method> find(String name) {
    return METHODS.stream()
        .filter(method -> Choices.key(method.name()).equals(Choices.key(name.strip())))
        .findFirst();
  }

  @Override
  public List<Method> group(String name) {
    if (name.equals(Method.ABLATIONS)) {
      throw new IllegalArgumentException(
          "--methods ablations are of AlphaFuse, for --backbone sasrec or dreamrec: expected all"
              + " or some of "
              + names()
              + " with --backbone graph");
    }
    return name.equals(Method.ALL) ? METHODS : List.of();
  }

  @Override
  public Method method(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    ModelType.find(name)
                        .map(
                            other ->
                                "--methods "
                                    + other
                                    + " is a sequence model, for --backbone sasrec or dreamrec:"
                                    + " expected all or some of "
                                    + names()
                                    + " with --backbone graph")
                        .orElse(
                            "--methods: expected all or some of "
                                + names()
                                + ", found '"
                                + name
                                + "'"
                                + nearest(name))));
  }

  private static String nearest(String name) {
    return NearestName.find(Choices.key(name.strip()), names().stream().map(Choices::key).toList())
        .flatMap(GraphMethods::find)
        .map(near -> NearestName.question(near.name()))
        .orElse("");
  }
}
