package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** From a shop's tables to recommendations. */
class PrepareTest {
  private static final int DIM = 16;
  private static final String PRODUCTS =
      "sku,title,brand,price\n"
          + "A-1,\"Kessel, \"\"groß\"\"\",Müller & Söhne,9.99\n"
          + "A-2,茶瓶,東京堂,8\n"
          + "A-3,Lamp,O'Hara,7\n"
          + "A-4,,,6\n"
          + "A-1,\"Kessel, \"\"groß\"\"\",Müller & Söhne,10.99\n";
  private static final String CLICKS =
      "\uFEFFcustomer;sku;ordered_at\r\n"
          + "zoë;A-2;2024-03-01T12:00:00+02:00\r\n"
          + "zoë;A-1;2024-03-01 09:59:59Z\r\n"
          + "\"x, \"\"y\"\"\";A-3;2024-02-01\r\n"
          + "zoë;GONE;2024-03-02\r\n"
          + "zoë;A-4;2024-03-02\r\n";
  private static final String COLUMNS = " --user customer --item sku --time ordered_at";
  private static final String SHOP =
      "prepare --products FOLDER/products.csv --clicks FOLDER/clicks.csv" + COLUMNS;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("products.csv"), PRODUCTS);
    Files.writeString(folder.resolve("clicks.csv"), CLICKS);
  }

  /** Sums of vectors that the words of a text are hashed to. */
  private static LanguageEmbeddings hash(ItemCatalogue items) {
    float[] rows = new float[items.size() * DIM];
    for (int row = 0; row < items.size(); row++) {
      for (String word : Splitter.on(' ').split(items.texts().get(row))) {
        SplittableRandom random = new SplittableRandom(word.hashCode());
        for (int k = 0; k < DIM; k++) {
          rows[row * DIM + k] += (float) random.nextGaussian();
        }
      }
    }
    return LanguageEmbeddings.of(Tensor.of(rows, items.size(), DIM));
  }

  private Execution run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine.IFactory factory =
        new CommandLine.IFactory() {
          @Override
          public <K> K create(Class<K> type) throws Exception {
            return type == PrepareCommand.class
                ? type.cast(new PrepareCommand(PrepareTest::hash))
                : CommandLine.defaultFactory().create(type);
          }
        };
    int code =
        RootCommand.commandLine(factory)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Execution(code, out.toString(), err.toString());
  }

  private Execution line(String line, String... more) {
    List<String> args = new ArrayList<>();
    for (String word : Splitter.on(' ').omitEmptyStrings().split(line)) {
      args.add(word.replace("FOLDER", folder.toString()));
    }
    args.addAll(Arrays.asList(more));
    return run(args.toArray(new String[0]));
  }

  private Execution succeed(String line, String... more) {
    Execution run = line(line, more);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run;
  }

  private SequenceDataset prepared() {
    return DataFolder.open(folder.resolve("data")).sequences();
  }

  private void requireClicks() {
    SequenceDataset read = prepared();
    assertThat(read.vocabulary().ids()).containsExactly("A-1", "A-2", "A-3");
    assertThat(read.sequences().get(0).user()).isEqualTo("zoë");
    assertThat(read.sequences().get(0).items()).containsExactly(0, 1);
    assertThat(read.sequences().get(1).user()).isEqualTo("x, \"y\"");
    assertThat(DataFolder.open(folder.resolve("data")).titles().orElseThrow())
        .containsEntry("A-1", "Kessel, \"groß\"");
  }

  @Test
  void saysWhatItReadAndLeftOut() throws IOException {
    Execution run = succeed(SHOP + " --output FOLDER/data");
    assertThat(run.out().replace(folder.toString(), "FOLDER"))
        .isEqualTo(
            """
            Products:   3, with a text of title, brand
            Left out:   1 lines of items that have another (e.g. A-1 in products.csv line 6)
            Left out:   1 items without text (e.g. A-4 in products.csv line 5)
            Clicks:     3 of 2 users
            Left out:   2 clicks of 2 unknown products (e.g. GONE, A-4), and with them 0 users
            Text:       3 rows of 16 numbers
            Written:    FOLDER/data: item_embeddings.npy, item_ids.txt, items.tsv, interactions.csv,\
             meta_prepared.json
            Next:       alphafuse train --data FOLDER/data --output model.alphafuse (a tenth of the\
             users each for validation and test; --split sets another way)
            """);
    requireClicks();
    assertThat(Files.readString(folder.resolve("data/meta_prepared.json")))
        .contains("\"clicks_of_unknown_products\": 2");
  }

  @Test
  void replacesItsOwnFilesOnly() throws IOException {
    succeed(SHOP + " --output FOLDER/data");
    byte[] before = Files.readAllBytes(folder.resolve("data/interactions.csv"));
    Files.createFile(folder.resolve("data/items.tsv.00000000-0000-0000-0000-000000000000.tmp"));
    succeed(SHOP + " --output FOLDER/data");
    assertThat(folder.resolve("data/interactions.csv")).hasBinaryContent(before);
    try (Stream<Path> files = Files.list(folder.resolve("data"))) {
      assertThat(files).hasSize(5);
    }
    Files.createFile(folder.resolve("data/mine.txt"));
    assertThat(line(SHOP + " --output FOLDER/data").err())
        .contains("--output must name a new or empty folder, or one that prepare wrote")
        .contains("mine.txt");
    Files.createDirectory(folder.resolve("other"));
    Files.createFile(folder.resolve("other/item_ids.txt"));
    assertThat(line(SHOP + " --output FOLDER/other").err()).contains("item_ids.txt");
  }

  @Test
  void aCacheOfTextsMayStandInTheFolder() throws IOException {
    succeed(SHOP + " --output FOLDER/data --text_cache FOLDER/data/vectors.bin");
    Files.writeString(folder.resolve("data").resolve("vectors.bin"), "vectors");
    Files.writeString(folder.resolve("data").resolve("vectors.bin.lock"), "");

    succeed(SHOP + " --output FOLDER/data --text_cache FOLDER/data/vectors.bin");

    Execution without = line(SHOP + " --output FOLDER/data");
    assertThat(without.exitCode()).isNotZero();
    assertThat(without.err()).contains("found other files").contains("vectors.bin");
  }

  @Test
  void queriesAndParquetAreReadAsFiles() throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      Files.createDirectory(folder.resolve("parts"));
      for (String copy :
          List.of(
              "(SELECT * FROM read_csv('%s/products.csv')) TO '%1$s/products.parquet'",
              "(SELECT customer, sku, CAST(ordered_at AS TIMESTAMPTZ) AS ordered_at FROM"
                  + " read_csv('%s/clicks.csv', delim=';', types={'ordered_at': 'VARCHAR'}) LIMIT 3)"
                  + " TO '%1$s/parts/1.parquet'",
              "(SELECT 'zoë' AS customer, sku, TIMESTAMPTZ '2024-03-02 00:00:00Z' AS ordered_at"
                  + " FROM (VALUES ('GONE'), ('A-4')) old(sku)) TO '%1$s/parts/2.parquet'")) {
        statement.execute("COPY " + String.format(copy, folder) + " (FORMAT parquet)");
      }
    }
    succeed(
        "prepare --products FOLDER/products.parquet --clicks FOLDER/parts --output FOLDER/data"
            + COLUMNS);
    requireClicks();
    Execution run =
        succeed(
            "prepare --products FOLDER/products.parquet --output FOLDER/data",
            "--clicks_query",
            "SELECT customer AS user, sku AS item, ordered_at AS time FROM '"
                + folder
                + "/parts/*.parquet'");
    requireClicks();
    assertThat(run.out()).contains("2 clicks of 2 unknown products");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELEC 1|--products_query: the query failed: Parser Error",
        "SELECT * FROM 'none.parquet'|--products_query: the query failed: IO Error",
        "SELECT * FROM 'https://example.com/a.parquet'|the query failed: Missing Extension Error",
        "SELECT 1 AS sku|--products_query: result set: expected a column named title",
        "SELECT 1 AS sku, 'a' AS title WHERE false|expected one item per row, found no row",
        "SELECT NULL AS sku, 'a' AS title|result set row 1: expected an item in column sku",
        "SELECT 1 AS sku, 'a' AS title|expected at least 2 products to choose from, found 1",
        "SELECT i AS sku, CAST(CAST(if(i > 500000, 'x', '1') AS INT) AS VARCHAR) AS title FROM"
            + " range(1000000) r(i)|Could not convert string 'x' to INT32",
        "SELECT i AS sku, CAST(error('broken') AS VARCHAR) AS title FROM range(2) r(i)|broken"
      })
  void badQueriesAreOneLine(String sql, String message) {
    Execution run =
        line("prepare --clicks FOLDER/clicks.csv --output FOLDER/data", "--products-query", sql);
    assertThat(run.err()).startsWith("error: ").hasLineCount(1);
    assertThat(run.err().replace("--products-query", "--products_query")).contains(message);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "user,item\\nu,GONE|found only unknown ones (e.g. GONE)",
        "user,item\\n|expected one interaction per line, found only the names of the columns",
        "''|expected one interaction per line, found an empty file",
        "user,item\\nu,A-1\\nv,A-2|expected a user with two clicks of known products, found none",
        "user,item\\nu,A-1\\nu,|line 3: expected an item in column item, found none",
        "user,item,seen_at\\nu,A-1,2024-01-01\\nu,A-2,2024-01-02|name it by --time",
        "customer,item\\nu,A-1|if it has another name, set --user"
      })
  void badClicksAreToldBeforeAnythingIsWritten(String content, String message) throws IOException {
    Files.writeString(folder.resolve("clicks.csv"), content.replace("\\n", "\n"));
    Execution run =
        line(
            "prepare --products FOLDER/products.csv --clicks FOLDER/clicks.csv --output FOLDER/data");
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--products FOLDER/products.csv|--clicks or --clicks_query is missing",
        "--clicks FOLDER/clicks.csv|--products or --products_query is missing",
        "--products FOLDER/none.csv --clicks FOLDER/clicks.csv|--products names no file",
        "--products FOLDER/products.csv --products_query x|give only one of them",
        "--products FOLDER/products.csv --text title,colour|expected a column named colour",
        "--products FOLDER/products.csv --id nr|expected a column named nr",
        "--products FOLDER/products.csv --clicks FOLDER/clicks.csv --rating stars|no effect without",
        "--products FOLDER/products.csv --embeddings x|belong together"
      })
  void badOptionsAreToldBeforeAnythingIsWritten(String options, String message) {
    Execution run = line("prepare --output FOLDER/data " + options);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void embeddingsMayBeGiven() throws IOException {
    NpyWriter.write(folder.resolve("e.npy"), Tensor.of(new float[] {9, 9, 1, 0, 2, 0, 3, 0}, 4, 2));
    Files.writeString(folder.resolve("ids.txt"), "X\nA-3\nA-2\nA-1\n");
    Execution run =
        Execution.line(
            SHOP + " --embeddings FOLDER/e.npy --embedding_ids FOLDER/ids.txt --output FOLDER/data",
            folder);
    assertThat(run.err()).isEmpty();
    assertThat(LanguageEmbeddings.npy(folder.resolve("data/item_embeddings.npy")).row(0))
        .containsExactly(3, 0);
    Files.writeString(folder.resolve("ids.txt"), "X\nA-3\nA-2\nY\n");
    assertThat(
            line(SHOP
                    + " --embeddings FOLDER/e.npy --embedding_ids FOLDER/ids.txt --output"
                    + " FOLDER/data")
                .err())
        .contains("must have a row for each of 3 products, found none for 1 (e.g. A-1)");
  }

  @Test
  void aGeneratedShopIsPreparedAndTrained() throws IOException {
    succeed("generate-data --shop --items 60 --users 150 --seed 1 --output FOLDER/shop");
    assertThat(Files.readString(folder.resolve("shop/products.csv"))).contains("東京堂", "\"\"");
    Execution prepared =
        succeed(
            "prepare --products FOLDER/shop/products.csv --clicks FOLDER/shop/clicks.csv"
                + " --output FOLDER/data --text title,brand,description"
                + COLUMNS);
    assertThat(prepared.out())
        .contains("lines of items that have another")
        .contains("unknown products (e.g. OLD-");
    assertThat(prepared().itemCount()).isEqualTo(60);
    Execution trained = succeed("train --data FOLDER/data --epochs 3 --output FOLDER/m.alphafuse");
    assertThat(trained.out()).contains("Test on 15 examples");
    Execution all =
        succeed("train --data FOLDER/data --final FOLDER/m.alphafuse --output FOLDER/f.alphafuse");
    assertThat(all.out())
        .contains("Final:      trained on all interactions for ")
        .contains("the best of 3 of ")
        .contains("no validation, no test")
        .doesNotContain("Test on", "warning", "Note:");
    Provenance earlier = SavedModel.load(folder.resolve("m.alphafuse")).provenance().orElseThrow();
    Provenance known = SavedModel.load(folder.resolve("f.alphafuse")).provenance().orElseThrow();
    assertThat(known.notes()).containsEntry("final", "all interactions");
    assertThat(known.notes().keySet()).noneMatch(name -> name.startsWith("test "));
    assertThat(known.data().examples()).isEqualTo(150);
    assertThat(known.outcome().epochs()).isEqualTo(earlier.outcome().bestEpoch());
    assertThat(known.outcome().validation()).isEmpty();
    Execution recommended =
        succeed(
            "recommend --model FOLDER/f.alphafuse --data FOLDER/data --history SKU-00003,SKU-00005");
    assertThat(recommended.out()).contains("SKU-").contains(" no. ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--final|--final needs a number of epochs",
        "--final FOLDER/m --epoch 3|--final and --epoch both set the number of epochs",
        "--final FOLDER/none|--final names no file",
        "--final --epoch 3 --split temporal|--split has no effect with --final",
        "--final --epoch 3 --patience 3|--patience has no effect with --final"
      })
  void badFinalOptionsAreOneLine(String options, String message) {
    Execution run = line("train " + options);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
  }

  @Test
  void allOfAGeneratedCatalogueIsTrainedOn() {
    Execution run =
        succeed(
            "train --final --epoch 1 --model_type SASRec --hidden_dim 8 --neg_ratio 2 --max_length 4"
                + " --output FOLDER/m");
    assertThat(run.out()).contains("for 1 epochs, as --epoch says; no validation, no test");
    Execution again = line("train --final FOLDER/m");
    assertThat(again.err()).contains("was not validated").hasLineCount(1);
  }
}
