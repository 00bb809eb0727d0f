package io.github.alphafuse.backbones.graphcf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of whole models, in float64, against finite differences of their losses. */
class GraphGradientTest {
  private static final SplittableRandom NO_DRAW = new SplittableRandom(0);

  private static final double STEP = 1e-6;
  private static final InteractionGraph GRAPH = RandomGraph.of(7, 11, 0.4);

  record Case(String name, GraphModel model, Loss loss, double egoDecay) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    InfoNce contrast = InfoNce.withNegatives(3).temperature(0.3);
    return Stream.of(
        new Case("BPR", lightGcn(Similarity.INNER_PRODUCT, 2), Bpr.create(), 0),
        new Case("BPR, decay", lightGcn(Similarity.INNER_PRODUCT, 3), Bpr.create(), 0.2),
        new Case("InfoNCE, decay", lightGcn(Similarity.COSINE, 2), contrast, 0.1),
        new Case("InfoNCE, 1 layer", lightGcn(Similarity.COSINE, 1), contrast, 0),
        new Case("MLP", alphaRec(Projector.MLP, 2), contrast, 0),
        new Case("MLP, no layer", alphaRec(Projector.MLP, 0), contrast, 0),
        new Case("linear", alphaRec(Projector.LINEAR, 3), contrast, 0));
  }

  private static LightGcn lightGcn(Similarity similarity, int layers) {
    LightGcn model =
        LightGcn.builder(GRAPH)
            .dim(4)
            .layers(layers)
            .similarity(similarity)
            .elementType(ElementType.FLOAT64)
            .build();
    // Vectors of 1e-4 are too near to 0 for finite differences.
    model
        .parameters()
        .forEach(
            (name, value) ->
                value.copyFrom(
                    RandomNumbers.tensor(ElementType.FLOAT64, name.hashCode(), value.shape())));
    return model;
  }

  private static AlphaRec alphaRec(Projector projector, int layers) {
    LanguageEmbeddings text =
        LanguageEmbeddings.of(RandomNumbers.tensor(ElementType.FLOAT64, 4, GRAPH.itemCount(), 6));
    return AlphaRec.builder(text, GRAPH)
        .projector(projector)
        .dim(4)
        .layers(layers)
        .elementType(ElementType.FLOAT64)
        .build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void areThoseOfFiniteDifferences(Case how) {
    Gradients gradients = Gradients.of(how.model().parameters());
    Gradients ignored = Gradients.of(how.model().parameters());
    try (Objective<PairBatch> objective = how.model().objective(how.loss(), how.egoDecay())) {
      PairBatch batch =
          PairSampler.of(GRAPH, objective.negatives()).sample(9, new SplittableRandom(3));
      objective.gradients(batch, NO_DRAW, gradients);
      for (String name : gradients.names()) {
        Tensor parameter = java.util.Objects.requireNonNull(how.model().parameters().get(name));
        for (int i = 0; i < parameter.size(); i++) {
          double value = parameter.get(i);
          parameter.set(i, value + STEP);
          double above = objective.gradients(batch, NO_DRAW, ignored);
          parameter.set(i, value - STEP);
          double below = objective.gradients(batch, NO_DRAW, ignored);
          parameter.set(i, value);
          assertThat(gradients.read(name).get(i))
              .as("%s[%s]", name, i)
              .isCloseTo((above - below) / (2 * STEP), within(2e-7));
        }
      }
    }
  }
}
