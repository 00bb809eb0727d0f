package io.github.alphafuse.examples.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.github.alphafuse.backbones.data.Dropped;
import io.github.alphafuse.backbones.data.ItemTable;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The data folder of a shop: its products with embeddings of their texts, and its clicks.
 *
 * @param products the products
 * @param text their embeddings [N, d_l]
 * @param clicks the clicks of all users, whose vocabulary is the products
 */
public record PreparedFolder(ItemTable products, LanguageEmbeddings text, SequenceDataset clicks) {
  /** Says that the folder was written here, and of what; by its name no table of interactions. */
  private static final String NOTE = "meta_prepared.json";

  private static final String EMBEDDINGS = "item_embeddings.npy";
  private static final String IDS = "item_ids.txt";
  private static final String TITLES = "items.tsv";
  private static final String CLICKS = "interactions.csv";

  /** The encoded texts; with more letters, what belongs to that file. */
  private static final String TEXT_CACHE = "texts.minilm";

  /** The names of the files of such a folder. */
  public static final ImmutableList<String> FILES =
      ImmutableList.of(EMBEDDINGS, IDS, TITLES, CLICKS, NOTE);

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * Checks that there is a row for each product.
   *
   * @param products the products
   * @param text their embeddings
   * @param clicks the clicks
   */
  public PreparedFolder {
    checkArgument(
        text.itemCount() == products.catalogue().size(),
        "the encoder must give a row for each of %s products, found %s",
        products.catalogue().size(),
        text.itemCount());
  }

  /**
   * Which files of a folder may be replaced, or removed.
   *
   * @param folder a folder, which need not exist
   * @return accepts the names of files that were written here
   */
  public static Predicate<String> ownFiles(Path folder) {
    return Files.exists(folder.resolve(NOTE))
        ? name -> FILES.contains(name) || isTemporary(name) || name.startsWith(TEXT_CACHE)
        : name -> name.startsWith(TEXT_CACHE);
  }

  /**
   * The file of a folder that keeps encoded texts.
   *
   * @param folder the folder
   * @return the file, which need not exist
   */
  public static Path textCache(Path folder) {
    return folder.resolve(TEXT_CACHE);
  }

  /** Whether a name is that of a file that a killed process was writing. */
  private static boolean isTemporary(String name) {
    return name.endsWith(".tmp") && FILES.stream().anyMatch(own -> name.startsWith(own + "."));
  }

  /**
   * Writes the folder. The clicks are removed first and written last, so that no folder has those
   * of one run and the products of another.
   *
   * @param folder the folder, created if it does not exist
   * @throws UncheckedIOException if it cannot be written; the message names the file
   */
  public void write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(folder.resolve(CLICKS));
    } catch (IOException e) {
      throw FileFailure.of("cannot make the folder " + folder, e);
    }
    lines(folder.resolve(NOTE), out -> out.write(GSON.toJson(note()) + "\n"));
    NpyWriter.write(folder.resolve(EMBEDDINGS), text.toTensor());
    clicks.vocabulary().write(folder.resolve(IDS));
    lines(
        folder.resolve(TITLES),
        out -> {
          out.write("row\ttitle\n");
          ImmutableList<String> titles = products.catalogue().titles();
          for (int row = 0; row < titles.size(); row++) {
            out.write(row + "\t" + titles.get(row) + "\n");
          }
        });
    lines(folder.resolve(CLICKS), this::writeClicks);
  }

  private Map<String, Object> note() {
    Map<String, Object> note = new LinkedHashMap<>();
    note.put("products", products.catalogue().size());
    note.put("text", products.textColumns());
    note.put("users", clicks.size());
    note.put("clicks", clicks.interactionCount());
    note.put("clicks_of_unknown_products", clicks.coverage().skippedInteractionCount());
    note.put(
        "left_out",
        Stream.of(products.dropped(), clicks.dropped())
            .flatMap(ImmutableList::stream)
            .map(Dropped::toString)
            .toList());
    return note;
  }

  private void writeClicks(Writer out) throws IOException {
    boolean hasTimes = clicks.sequences().get(0).hasTimes();
    CsvWriter csv = CsvWriter.builder().build(out);
    csv.writeRecord(
        hasTimes
            ? ImmutableList.of("user_id", "item_id", "timestamp")
            : ImmutableList.of("user_id", "item_id"));
    for (UserSequence sequence : clicks.sequences()) {
      for (int i = 0; i < sequence.length(); i++) {
        String item = clicks.vocabulary().id(sequence.item(i));
        csv.writeRecord(
            hasTimes
                ? ImmutableList.of(
                    sequence.user(), item, new BigDecimal(sequence.time(i)).toPlainString())
                : ImmutableList.of(sequence.user(), item));
      }
    }
    csv.flush();
  }

  /** Writes text. */
  @FunctionalInterface
  private interface Content {
    void write(Writer out) throws IOException;
  }

  private static void lines(Path file, Content content) {
    AtomicFile.write(
        file,
        out -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          content.write(writer);
          writer.flush();
        });
  }
}
