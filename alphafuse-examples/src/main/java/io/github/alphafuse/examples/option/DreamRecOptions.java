package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.preset.Preset;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a method on DreamRec. */
@Heading("Diffusion")
final class DreamRecOptions extends SequenceOptions {
  @Mixin private final DiffusionOptions diffusion = new DiffusionOptions();

  @Option(
      names = "--guidances",
      split = ",",
      paramLabel = "W",
      converter = Numbers.NotNegative.class,
      description =
          "Guidances to try, separated by commas. After training, the best of them and the"
              + " best similarity are chosen on validation by --metric.")
  private List<Double> guidances = new ArrayList<>();

  DreamRecOptions() {
    super(Backbone.DREAM_REC);
  }

  @Override
  public SequenceModel<?> build(ItemEmbedding items, ItemVocabulary vocabulary) {
    return diffusion.build(model().dreamRec(items, vocabulary));
  }

  @Override
  Engine engine(SequenceModel<?> built) {
    return ((DreamRec) built).engineFor(diffusion.loss());
  }

  @Override
  Trainer.Builder<?> trainer(SequenceModel<?> trained) {
    return Trainer.builder((DreamRec) trained).loss(diffusion.loss());
  }

  /** Tries every guidance with both similarities and returns the best on validation. */
  @Override
  public SequenceModel<?> choose(SequenceModel<?> trained, DatasetSplit split, PrintWriter out) {
    if (guidances.isEmpty()) {
      return trained;
    }
    if (split.validation().isEmpty()) {
      out.println("Guidance:   none of --guidances is chosen, because there is no validation");
      return trained;
    }
    DreamRec best = (DreamRec) trained;
    double most = Double.NEGATIVE_INFINITY;
    for (double guidance : guidances) {
      for (Similarity similarity : Similarity.values()) {
        DreamRec tried =
            ((DreamRec) trained)
                .withSampling(((DreamRec) trained).sampling().withGuidance(guidance))
                .withSimilarity(similarity);
        double value = evaluator().evaluate(tried, split.validation()).value(training().metric);
        out.printf(
            Locale.ROOT,
            "Guidance:   %s, by %s: validation %s %.4f%n",
            Numbers.plain(guidance),
            similarity == Similarity.COSINE ? "cosine" : "inner product",
            validationMetric(),
            value);
        if (value > most) {
          most = value;
          best = tried;
        }
      }
    }
    out.flush();
    return best;
  }

  /** Does nothing, because the published loss is the default. */
  @Override
  void presetLoss(Preset<?> chosen, Predicate<String> isGiven) {}

  @Override
  void checkBackbone(Predicate<String> isGiven) {
    diffusion.check();
  }

  @Override
  void addWithoutEffect(Predicate<String> isGiven, List<String> clauses) {
    diffusion.addWithoutEffect(isGiven, clauses);
  }

  @Override
  void describeBackbone(Map<String, Object> settings) {
    diffusion.describe(settings);
    settings.put("guidances", guidances);
  }
}
