package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.InteractionReader;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.MalformedLines;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UnknownItems;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The table of a shop's clicks, orders or ratings. */
@Heading("Clicks")
public final class ClickOptions {
  @Option(
      names = "--clicks",
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "Table of clicks, orders or ratings, one per line: CSV, TSV, JSON lines or Parquet, also"
              + " compressed; or several files, or a folder of files.")
  Path @Nullable [] clicks;

  @Option(
      names = {"--clicks_query", "--clicks-query"},
      paramLabel = "SQL",
      description =
          "A query of DuckDB that gives the clicks instead, for example \"SELECT customer, sku,"
              + " ordered_at FROM 'orders/*.parquet'\".")
  @Nullable String query;

  @Option(
      names = {"--user", "--user_column", "--user-column"},
      paramLabel = "NAME",
      description = "Column or field of the users (default: one of the usual names).")
  @Nullable String user;

  @Option(
      names = {"--item", "--item_column", "--item-column"},
      paramLabel = "NAME",
      description = "Column or field of the product ids (default: one of the usual names).")
  @Nullable String item;

  @Option(
      names = {"--time", "--time_column", "--time-column"},
      paramLabel = "NAME",
      description = "Column or field of the times (default: one of the usual names).")
  @Nullable String time;

  @Option(
      names = {"--rating", "--rating_column", "--rating-column"},
      paramLabel = "NAME",
      description =
          "Column or field of ratings, for --min_rating (default: one of the usual names).")
  @Nullable String rating;

  @Option(
      names = {"--min_rating", "--min-rating"},
      paramLabel = "X",
      converter = Numbers.Finite.class,
      description = "Leave out clicks rated below X (default: ratings are ignored).")
  @Nullable Double minRating;

  @Option(
      names = {"--file_order", "--file-order"},
      description =
          "Keep clicks in the order of the lines instead of sorting them by time; times are not"
              + " read.")
  boolean fileOrder;

  /** Creates the options with their defaults. */
  public ClickOptions() {}

  /**
   * Reads the clicks; those of other products are counted and left out.
   *
   * @param products the ids of the products
   * @param source how tables are read
   * @return the clicks of all users
   */
  public SequenceDataset read(ItemVocabulary products, TableOptions source) {
    InteractionReader.Builder reader =
        source
            .withLimits(InteractionReader.builder())
            .vocabulary(products)
            .unknownItems(UnknownItems.SKIP)
            .malformedLines(source.skipMalformed ? MalformedLines.SKIP : MalformedLines.REJECT);
    if (user != null) {
      reader.userColumn(user);
    }
    if (item != null) {
      reader.itemColumn(item);
    }
    if (time != null) {
      reader.timeColumn(time);
    }
    if (rating != null) {
      if (minRating == null) {
        throw new CommandFailedException("--rating has no effect without --min_rating");
      }
      reader.ratingColumn(rating);
    }
    if (minRating != null) {
      reader.minRating(minRating);
    }
    InteractionReader built = reader.fileOrder(fileOrder).build();
    return source.read(
        new TableOptions.Given("--clicks", clicks, query),
        files -> files.size() == 1 ? built.read(files.get(0)) : built.read(files),
        rows -> built.read(rows));
  }
}
