package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.CatalogueReader;
import io.github.alphafuse.backbones.data.DuplicateItems;
import io.github.alphafuse.backbones.data.ItemTable;
import io.github.alphafuse.backbones.data.MalformedLines;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The table of a shop's products. */
@Heading("Products")
public final class ProductOptions {
  @Option(
      names = "--products",
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "Product table: CSV, TSV, JSON lines or Parquet, also compressed; or several files, or a"
              + " folder of files.")
  Path @Nullable [] products;

  @Option(
      names = {"--products_query", "--products-query"},
      paramLabel = "SQL",
      description =
          "A query of DuckDB that gives the products instead, for example \"SELECT * FROM"
              + " 'products/*.parquet'\".")
  @Nullable String query;

  @Option(
      names = {"--id", "--id_column", "--id-column"},
      paramLabel = "NAME",
      description = "Column or field of the ids (default: one of the usual names).")
  @Nullable String id;

  @Option(
      names = {"--text", "--text_columns", "--text-columns"},
      split = ",",
      paramLabel = "NAME",
      description =
          "Columns whose values make up the text, separated by commas (default: title, brand,"
              + " category, description and the like, as far as they are there).")
  String @Nullable [] text;

  @Option(
      names = {"--title", "--title_column", "--title-column"},
      paramLabel = "NAME",
      description = "Column of the titles (default: a usual name, or the first one of the text).")
  @Nullable String title;

  @Option(
      names = {"--duplicate_items", "--duplicate-items"},
      paramLabel = "HOW",
      description =
          "Lines with the id of another but a different text: reject them, or take the first or the"
              + " last (default: ${DEFAULT-VALUE}).")
  DuplicateItems duplicates = DuplicateItems.REJECT;

  /** Creates the options with their defaults. */
  public ProductOptions() {}

  /**
   * Reads the products.
   *
   * @param source how tables are read
   * @return the products
   */
  public ItemTable read(TableOptions source) {
    CatalogueReader.Builder reader =
        source
            .withLimits(CatalogueReader.builder())
            .duplicateItems(duplicates)
            .malformedLines(source.skipMalformed ? MalformedLines.SKIP : MalformedLines.REJECT);
    if (id != null) {
      reader.idColumn(id);
    }
    if (text != null) {
      reader.textColumns(text);
    }
    if (title != null) {
      reader.titleColumn(title);
    }
    CatalogueReader built = reader.build();
    return source.read(
        new TableOptions.Given("--products", products, query),
        files -> files.size() == 1 ? built.read(files.get(0)) : built.read(files),
        rows -> built.read(rows));
  }
}
