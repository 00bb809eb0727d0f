package io.github.alphafuse.examples.data;

import com.google.common.collect.ImmutableList;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A generated catalogue as a shop would export it: a table of products with descriptions, and one
 * of clicks in no order, with the blemishes that such tables have.
 */
public final class GeneratedShop {
  /** The name of the table of products, with the columns sku, title, brand, description, price. */
  public static final String PRODUCTS = "products.csv";

  /** The name of the table of clicks, with the columns customer, sku, ordered_at. */
  public static final String CLICKS = "clicks.csv";

  private static final ImmutableList<String> BRANDS =
      ImmutableList.of("Nordlicht", "Café Olé", "Müller & Söhne", "東京堂", "O'Hara", "Šárka");
  private static final ImmutableList<String> PRAISE =
      ImmutableList.of(
          "Made to last",
          "Light, simple and quiet",
          "Our best seller",
          "A gift that pleases",
          "Easy to clean");
  private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
  private static final int MINUTES_OF_YEAR = 500_000;
  private static final int MOST_MINUTES = 20_000;
  private static final int REPEATED_PRODUCT = 200;
  private static final int REPEATED_CLICK = 500;
  private static final int UNKNOWN_CLICK = 1000;

  private final GeneratedCatalogue catalogue;
  private final SplittableRandom random;

  private GeneratedShop(GeneratedCatalogue catalogue, long seed) {
    this.catalogue = catalogue;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Writes the tables.
   *
   * @param catalogue the products and users
   * @param seed the seed of brands, texts and times
   * @param folder the folder, created if it does not exist
   * @throws UncheckedIOException if it cannot be written; the message names the file
   */
  public static void write(GeneratedCatalogue catalogue, long seed, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw FileFailure.of("cannot make the folder " + folder, e);
    }
    GeneratedShop shop = new GeneratedShop(catalogue, seed);
    write(folder.resolve(PRODUCTS), shop.products());
    write(folder.resolve(CLICKS), shop.clicks());
  }

  private List<List<String>> products() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("sku", "title", "brand", "description", "price"));
    for (int row = 0; row < catalogue.titles().size(); row++) {
      String title = catalogue.titles().get(row);
      String group = title.substring(0, title.indexOf(" no. "));
      String brand = BRANDS.get(random.nextInt(BRANDS.size()));
      List<String> line =
          List.of(
              sku(row),
              title,
              brand,
              String.format(
                  Locale.ROOT,
                  "%s: the \"%s\" by %s.\nFor all who like a %s.",
                  PRAISE.get(random.nextInt(PRAISE.size())),
                  title,
                  brand,
                  group),
              String.format(Locale.ROOT, "%.2f", 5 + 95 * random.nextDouble()));
      lines.add(line);
      if (row % REPEATED_PRODUCT == 0) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static String sku(int row) {
    return String.format(Locale.ROOT, "SKU-%05d", row);
  }

  private List<List<String>> clicks() {
    List<List<String>> lines = new ArrayList<>();
    int made = 0;
    for (UserSequence user : catalogue.sequences().sequences()) {
      Instant time = START.plus(random.nextInt(MINUTES_OF_YEAR), ChronoUnit.MINUTES);
      for (int item : user.items()) {
        time = time.plusSeconds(60L * (1 + random.nextInt(MOST_MINUTES)));
        made++;
        List<String> line = List.of(user.user(), sku(item), time.toString());
        lines.add(line);
        if (made % REPEATED_CLICK == 0) {
          lines.add(line);
        }
        if (made % UNKNOWN_CLICK == 1) {
          lines.add(List.of(user.user(), "OLD-" + random.nextInt(10), time.toString()));
        }
      }
    }
    shuffle(lines);
    lines.add(0, List.of("customer", "sku", "ordered_at"));
    return lines;
  }

  private void shuffle(List<List<String>> lines) {
    for (int i = lines.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      List<String> line = lines.get(i);
      lines.set(i, lines.get(j));
      lines.set(j, line);
    }
  }

  private static void write(Path file, List<List<String>> lines) {
    AtomicFile.write(
        file,
        out -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          CsvWriter csv = CsvWriter.builder().build(writer);
          lines.forEach(csv::writeRecord);
          csv.flush();
        });
  }
}
