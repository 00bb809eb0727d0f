package io.github.alphafuse.examples.web;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.SavedDescription;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What the server keeps of one version of the model, beside the recommender.
 *
 * <p>Thread-safe.
 */
final class ServedModel {
  private final String version;
  private final ItemVocabulary vocabulary;
  private final Map<String, String> titles;
  private final Optional<SavedDescription> description;
  private final ItemSearch search;
  private final CompletableFuture<Optional<ItemMap>> map;

  /**
   * Where the facts of a version come from.
   *
   * @param recommender the recommender, which may have gone on to another version
   * @param background what computes the map
   */
  record Source(LiveRecommender recommender, Executor background) {}

  ServedModel(Facts facts, Source source) {
    this.version = facts.version();
    this.vocabulary = facts.vocabulary();
    this.titles = facts.titles();
    this.description = facts.description();
    this.search = new ItemSearch(vocabulary, titles);
    this.map =
        CompletableFuture.supplyAsync(
            () ->
                source
                    .recommender()
                    .call(
                        now ->
                            now.version().equals(version)
                                ? Optional.of(ItemMap.of(now))
                                : Optional.empty()),
            source.background());
  }

  /**
   * The facts of a version.
   *
   * @param version its name
   * @param vocabulary its items
   * @param titles titles by id, of some or all items
   * @param description what the file says of itself, if it is that of the version
   */
  record Facts(
      String version,
      ItemVocabulary vocabulary,
      Map<String, String> titles,
      Optional<SavedDescription> description) {}

  String version() {
    return version;
  }

  ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /** The title of an item, or null, which JSON writes as it is. */
  @Nullable String title(String id) {
    return titles.get(id);
  }

  Map<String, String> titles() {
    return titles;
  }

  Optional<SavedDescription> description() {
    return description;
  }

  ItemSearch search() {
    return search;
  }

  /** The map, which is done some time after the version took over; empty if it came too late. */
  CompletableFuture<Optional<ItemMap>> map() {
    return map;
  }
}
