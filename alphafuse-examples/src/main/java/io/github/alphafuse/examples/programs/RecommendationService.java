package io.github.alphafuse.examples.programs;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A recommendation service that trains once, loads the model, adds a new item and answers from many
 * threads.
 */
public final class RecommendationService {
  private RecommendationService() {}

  /**
   * Runs the program.
   *
   * @param args the file of the model; if it does not exist, the model is trained and saved there
   */
  public static void main(String[] args) {
    Path file = Path.of(args.length > 0 ? args[0] : "service.alphafuse");
    GeneratedCatalogue catalogue =
        GeneratedCatalogue.builder().items(400).users(1200).dim(32).build();
    if (!Files.exists(file)) {
      train(catalogue).save(file);
    }
    SasRec model = SasRec.load(file);

    // A new item needs its language embedding only, no training.
    LanguageEmbeddings text = catalogue.embeddings().slice(7, 8); // the text of item 7 again
    SasRec larger = model.withNewItems(List.of("sku-400"), text);

    // One recommender serves all threads; the filter hides items that are sold out.
    try (Recommender recommender =
        Recommender.builder(larger).filter(id -> !id.equals("13")).build()) {
      List<List<String>> requests = List.of(List.of("7"), List.of("12", "3"), List.of("sku-400"));
      requests.parallelStream()
          .map(history -> history + " -> " + items(recommender.recommend(history, 5)))
          .forEachOrdered(System.out::println);
    }
  }

  private static List<String> items(List<Recommendation> recommended) {
    return recommended.stream().map(Recommendation::item).toList();
  }

  private static SasRec train(GeneratedCatalogue catalogue) {
    SasRecPreset preset = Presets.recommended();
    DatasetSplit split = catalogue.split();
    SasRec model = preset.model(catalogue.embeddings(), split.vocabulary());
    preset.trainer(model).fit(split);
    return model;
  }
}
