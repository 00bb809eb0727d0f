package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.Dropped;
import io.github.alphafuse.backbones.data.ItemCoverage;
import io.github.alphafuse.backbones.data.ItemTable;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.compare.Printout;
import io.github.alphafuse.examples.data.GivenEmbeddings;
import io.github.alphafuse.examples.data.PreparedFolder;
import io.github.alphafuse.examples.data.TextModel;
import io.github.alphafuse.examples.option.ClickOptions;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.OutputFolder;
import io.github.alphafuse.examples.option.ProductOptions;
import io.github.alphafuse.examples.option.TableOptions;
import io.github.alphafuse.text.BlankTexts;
import io.github.alphafuse.text.EncodingListener;
import io.github.alphafuse.text.EncodingProgress;
import io.github.alphafuse.text.TextEncoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a data folder of a shop's tables. */
@Command(
    name = "prepare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Make a data folder, which the other commands take, of a shop's tables of products and"
            + " clicks.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse prepare --products products.csv --clicks clicks.csv --user customer --time ordered_at --output my-data",
      "  alphafuse prepare --products products.parquet --id sku --text title,brand --clicks_query \"SELECT user_id, sku AS item, at AS time FROM 'clicks/*.parquet'\" --output my-data"
    })
public final class PrepareCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final ProductOptions products = new ProductOptions();
  @Mixin private final ClickOptions clicks = new ClickOptions();
  @Mixin private final TableOptions tables = new TableOptions();

  @Option(
      names = "--embeddings",
      paramLabel = "FILE",
      description = "Take the language embeddings from this .npy file instead of encoding texts.")
  private @Nullable Path embeddings;

  @Option(
      names = {"--embedding_ids", "--embedding-ids"},
      paramLabel = "FILE",
      description = "Text file of the product ids of the rows of --embeddings, one per line.")
  private @Nullable Path embeddingIds;

  @Option(
      names = {"--text_cache", "--text-cache"},
      paramLabel = "FILE",
      description =
          "File that keeps encoded texts, so that a later run encodes new and changed ones alone"
              + " (default: texts.minilm in the folder of --output).")
  private @Nullable Path textCache;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "New folder to write, or one that this command wrote before.")
  private Path output = Path.of("");

  private final @Nullable Function<ItemCatalogue, LanguageEmbeddings> textEncoder;

  /** Creates the command with its default options. */
  public PrepareCommand() {
    this.textEncoder = null;
  }

  /** Creates the command with an encoder of texts. */
  PrepareCommand(Function<ItemCatalogue, LanguageEmbeddings> textEncoder) {
    this.textEncoder = textEncoder;
  }

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    OutputFolder.requireNew(
        output,
        "a new or empty folder, or one that prepare wrote",
        PreparedFolder.ownFiles(output).or(this::isTextCache));
    Function<ItemCatalogue, LanguageEmbeddings> encoder = encoder(out);
    ItemTable items = products.read(tables);
    out.printf(
        Locale.ROOT,
        "Products:   %,d, with a text of %s%n",
        items.catalogue().size(),
        String.join(", ", items.textColumns()));
    printDropped(out, items.dropped());
    if (items.catalogue().size() < 2) {
      throw new CommandFailedException("expected at least 2 products to choose from, found 1");
    }
    SequenceDataset sequences = clicks.read(ItemVocabulary.of(items.catalogue().ids()), tables);
    printClicks(out, sequences);
    LanguageEmbeddings text = encoder.apply(items.catalogue());
    out.printf(Locale.ROOT, "Text:       %,d rows of %,d numbers%n", text.itemCount(), text.dim());
    new PreparedFolder(items, text, sequences).write(output);
    out.println("Written:    " + output + ": " + String.join(", ", PreparedFolder.FILES));
    out.println(
        "Next:       alphafuse train --data "
            + output
            + " --output model.alphafuse (a tenth of the users each for validation and test; --split"
            + " sets another way)");
    out.flush();
    return 0;
  }

  /** Whether a file of the output folder is the given cache, or belongs to it. */
  private boolean isTextCache(String name) {
    return textCache != null
        && output
            .toAbsolutePath()
            .normalize()
            .equals(textCache.toAbsolutePath().normalize().getParent())
        && name.startsWith(String.valueOf(textCache.getFileName()));
  }

  private Function<ItemCatalogue, LanguageEmbeddings> encoder(PrintWriter out) {
    if ((embeddings == null) != (embeddingIds == null)) {
      throw new CommandFailedException(
          "--embeddings and --embedding_ids belong together, found only one of them");
    }
    if (embeddings != null && embeddingIds != null) {
      if (textCache != null) {
        throw new CommandFailedException(
            "--text_cache has no effect with --embeddings, which encodes no text");
      }
      return new GivenEmbeddings(
          LanguageEmbeddings.npy(embeddings), ItemVocabulary.read(embeddingIds));
    }
    return textEncoder != null ? textEncoder : catalogue -> encode(catalogue, out);
  }

  private LanguageEmbeddings encode(ItemCatalogue catalogue, PrintWriter out) {
    Path cache = textCache == null ? PreparedFolder.textCache(output) : textCache;
    try {
      Files.createDirectories(
          Objects.requireNonNullElse(cache.toAbsolutePath().getParent(), output));
    } catch (IOException e) {
      throw new CommandFailedException("cannot make the folder of " + cache + ": " + e);
    }
    return TextEncoder.builder(TextModel.MINILM.load())
        .modelName(TextModel.MINILM.toString())
        .cache(cache)
        // A cache of --text_cache may serve several shops.
        .pruneCache(textCache == null)
        .blankTexts(BlankTexts.MEAN)
        .listener(new PrintedTenths(out))
        .build()
        .encode(catalogue);
  }

  /** Prints each tenth of the texts that is done. */
  private static final class PrintedTenths implements EncodingListener {
    private static final int PARTS = 10;

    private final PrintWriter out;
    private int printed;

    PrintedTenths(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void onProgress(EncodingProgress progress) {
      int part = (int) ((long) PARTS * progress.done() / Math.max(1, progress.total()));
      if (part > printed) {
        printed = part;
        out.printf(
            Locale.ROOT,
            "Encoding:   %,d of %,d texts, %,d of them from the cache%n",
            progress.done(),
            progress.total(),
            progress.fromCache());
        out.flush();
      }
    }
  }

  private static void printClicks(PrintWriter out, SequenceDataset clicks) {
    out.printf(
        Locale.ROOT, "Clicks:     %,d of %,d users%n", clicks.interactionCount(), clicks.size());
    printDropped(out, clicks.dropped());
    ItemCoverage coverage = clicks.coverage();
    if (coverage.unknownCount() > 0) {
      out.printf(
          Locale.ROOT,
          "Left out:   %,d clicks of %,d unknown products (e.g. %s), and with them %,d users%n",
          coverage.skippedInteractionCount(),
          coverage.unknownCount(),
          String.join(", ", coverage.unknownExamples()),
          coverage.skippedUserCount());
    }
    if (coverage.unusedCount() > 0) {
      out.printf(
          Locale.ROOT,
          "Note:       %,d products have no clicks (e.g. %s)%n",
          coverage.unusedCount(),
          String.join(", ", coverage.unusedExamples()));
    }
    Printout.printRemarks(out, clicks.remarks());
    if (clicks.sequences().stream().noneMatch(sequence -> sequence.length() > 1)) {
      throw new CommandFailedException(
          "expected a user with two clicks of known products, found none: there is nothing to train"
              + " on");
    }
  }

  private static void printDropped(PrintWriter out, Iterable<Dropped> dropped) {
    dropped.forEach(each -> out.println("Left out:   " + each));
  }
}
