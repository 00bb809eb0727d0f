package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.base.Strings;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder of interaction data in files with known names:
 *
 * <ul>
 *   <li>{@code item_ids.txt}, if the data has item ids of its own: line i is the id of row i;
 *       without it, ids are row numbers (see {@link ItemVocabulary#read(Path)});
 *   <li>{@code train.txt}, {@code valid.txt} and {@code test.txt}, a split that is given (see
 *       {@link SplitReader});
 *   <li>whole sequences to be split: {@code sequences.tsv} (see {@link SequenceReader}), or else a
 *       file of interactions (see {@link InteractionReader}): one ending in {@code .inter}, or else
 *       in {@code .csv}, or else {@code ratings.dat} or {@code u.data}, or else one ending in
 *       {@code .jsonl} or {@code .json}, each also with {@code .gz} or {@code .zip} appended, or
 *       else any ending in {@code .zip}. If there are several such files, the one with the folder's
 *       name is used, or else MovieLens's {@code ratings.csv}; files whose name begins with {@code
 *       meta_} are ignored;
 *   <li>{@code items.tsv}, if items have titles: row, TAB, title; or row, TAB, a number that is the
 *       item's id, TAB, title and more; or with a first line that names the columns, one of which
 *       is {@code title}.
 * </ul>
 *
 * <p>A folder needs the given split or whole sequences, and may have both. Only the vocabulary is
 * kept in memory; every call reads its files again. Immutable and thread-safe.
 */
public final class DataFolder {
  private static final String ITEM_IDS = "item_ids.txt";
  private static final String TITLES = "items.tsv";
  private static final String TRAIN = "train.txt";
  private static final String VALIDATION = "valid.txt";
  private static final String TEST = "test.txt";
  private static final String SEQUENCES = "sequences.tsv";

  private final Builder options;
  private final Path folder;
  private final Supplier<ItemVocabulary> vocabulary;

  /** The file of whole sequences, or the files that are named; several if it is ambiguous. */
  private final ImmutableList<Path> candidates;

  private DataFolder(Builder builder) {
    this.options = builder;
    this.folder = builder.folder;
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          Strings.lenientFormat(
              "expected a folder of data, found %s at %s",
              Files.exists(folder) ? "a file" : "nothing", folder));
    }
    this.candidates = findSequences(folder, builder.interactions);
    if (!hasSplitFiles()) {
      sequencesFiles();
    }
    this.vocabulary = Suppliers.memoize(() -> findVocabulary(builder));
  }

  /**
   * Opens a folder whose items must all be known. How many there are, its text says ({@link
   * #withText}), or else they are counted (see {@link Builder#countItems}) when they are first
   * needed.
   *
   * @param folder the folder
   * @return the folder
   * @throws IllegalArgumentException as {@link Builder#open()}; what is said there of counting and
   *     of {@code item_ids.txt} is thrown by the first method that needs the items
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static DataFolder open(Path folder) {
    return new DataFolder(builder(folder).countItems(true));
  }

  /**
   * The same folder, whose items are those of a text.
   *
   * @param text the language embeddings of all items, in row order
   * @return the folder
   * @throws IllegalArgumentException if {@code item_ids.txt} has another number of ids, or the text
   *     has ids and they differ from those of the folder
   * @throws UncheckedIOException if {@code item_ids.txt} cannot be read
   */
  public DataFolder withText(LanguageEmbeddings text) {
    DataFolder counted = options.copy().itemCount(text.itemCount()).open();
    text.ids()
        .ifPresent(
            ids -> counted.vocabulary().requireSame("folder", "text", ItemVocabulary.of(ids)));
    return counted;
  }

  /**
   * A builder.
   *
   * @param folder the folder
   * @return the builder
   */
  public static Builder builder(Path folder) {
    return new Builder(folder);
  }

  private ItemVocabulary findVocabulary(Builder builder) {
    int itemCount = builder.itemCount;
    boolean isCounted = builder.countItems && itemCount == 0;
    Path titles = folder.resolve(TITLES);
    Path file = folder.resolve(ITEM_IDS);
    if (!Files.exists(file)) {
      if (isCounted) {
        return ItemVocabulary.ofRows(
            Files.exists(titles)
                ? TitleReader.count(titles, options.limits)
                : countRows(sequencesFiles()));
      }
      checkArgument(
          itemCount > 0,
          "itemCount must be set for %s, which has no %s: ids are row numbers",
          folder,
          ITEM_IDS);
      return ItemVocabulary.ofRows(itemCount);
    }
    ItemVocabulary vocabulary = ItemVocabulary.read(file, options.limits);
    if (itemCount > 0 && vocabulary.size() != itemCount) {
      throw Place.error(
          file, "expected one id for each of the %s items, found %s", itemCount, vocabulary.size());
    }
    if (isCounted
        && Files.exists(titles)
        && TitleReader.count(titles, options.limits) != vocabulary.size()) {
      throw Place.error(
          file,
          "expected one id for each of the %s items of %s, found %s",
          TitleReader.count(titles, options.limits),
          TITLES,
          vocabulary.size());
    }
    return vocabulary;
  }

  /** One more than the largest item row of whole sequences, if their ids are certain to be rows. */
  private int countRows(ImmutableList<Path> files) {
    Path file = files.get(0);
    ItemVocabulary ids =
        isSequences(file)
            ? options
                .applyLimitsTo(SequenceReader.builder())
                .userKeys(true)
                .build()
                .read(file)
                .vocabulary()
            : read(options.applyFormatTo(InteractionReader.builder()).build(), files).vocabulary();
    int largest = -1;
    for (String id : ids.ids()) {
      int row = ItemVocabulary.rowNumber(id);
      if (row < 0) {
        throw Place.error(
            file,
            "expected item rows, whole numbers from 0 on, found \"%s\": ids need %s, which lists"
                + " them in row order",
            id,
            ITEM_IDS);
      }
      largest = Math.max(largest, row);
    }
    if (largest >= 2L * ids.size()) {
      throw Place.error(
          file,
          "expected item rows without wide gaps, found %s items up to %s: if these are ids, list"
              + " them in %s; if they are rows, list all items in %s",
          ids.size(),
          largest,
          ITEM_IDS,
          TITLES);
    }
    return largest + 1;
  }

  /** Reads one file or folder, or several files. */
  private static SequenceDataset read(InteractionReader reader, ImmutableList<Path> files) {
    return files.size() == 1 ? reader.read(files.get(0)) : reader.read(files);
  }

  private static boolean isSequences(Path file) {
    return Place.name(file).equals(SEQUENCES);
  }

  private static ImmutableList<Path> findSequences(Path folder, ImmutableList<String> names) {
    for (String name : names) {
      checkArgument(
          DataFile.exists(folder.resolve(name)) || Files.isDirectory(folder.resolve(name)),
          "interactions must name a file in %s, found no \"%s\"",
          folder,
          name);
    }
    if (!names.isEmpty()) {
      return names.stream().map(folder::resolve).collect(ImmutableList.toImmutableList());
    }
    Path file = folder.resolve(SEQUENCES);
    return Files.isRegularFile(file)
        ? ImmutableList.of(file)
        : TableNames.find(filesOf(folder), Place.name(folder.toAbsolutePath().normalize()));
  }

  private static ImmutableList<Path> filesOf(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
  }

  private ImmutableList<Path> sequencesFiles() {
    if (candidates.size() == 1 || !options.interactions.isEmpty()) {
      return candidates;
    }
    if (candidates.size() > 1) {
      throw new IllegalArgumentException(
          Strings.lenientFormat(
              "expected one file of interactions in %s, or one with the folder's name, found %s; set"
                  + " interactions to one of them, or to several that belong together",
              folder, candidates.stream().map(Place::name).collect(Collectors.joining(", "))));
    }
    ImmutableList<String> given =
        Stream.of(TRAIN, VALIDATION, TEST)
            .filter(name -> Files.isRegularFile(folder.resolve(name)))
            .collect(ImmutableList.toImmutableList());
    throw new IllegalArgumentException(
        Strings.lenientFormat(
            "expected %s%s, or a file of interactions (.inter, .csv, ratings.dat, u.data, .jsonl,"
                + " .json or .zip) in %s, found %s",
            hasSplitFiles()
                ? "whole sequences in "
                : TRAIN + ", " + VALIDATION + " and " + TEST + ", or ",
            SEQUENCES,
            folder,
            given.isEmpty() ? "none of them" : "only " + String.join(", ", given)));
  }

  /**
   * The items.
   *
   * @return the vocabulary of {@code item_ids.txt}, or row numbers
   */
  public ItemVocabulary vocabulary() {
    return vocabulary.get();
  }

  /**
   * The number of items in the catalogue.
   *
   * @return N, at least 1
   */
  public int itemCount() {
    return vocabulary().size();
  }

  /**
   * Whether the folder has a split that is given.
   *
   * @return true if {@code train.txt}, {@code valid.txt} and {@code test.txt} are there
   */
  public boolean hasSplitFiles() {
    return Stream.of(TRAIN, VALIDATION, TEST)
        .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }

  /**
   * Whether the folder has whole sequences to be split.
   *
   * @return true if {@code sequences.tsv} or a table of interactions is there
   */
  public boolean hasSequences() {
    return !candidates.isEmpty();
  }

  /**
   * Reads the split that is given; where there is none, the whole sequences are split by user as
   * {@link UserRatioSplit} does by default: 80, 10 and 10 percent.
   *
   * @return the split
   * @throws IllegalArgumentException as {@link SplitReader#read()} and {@link #sequences()}
   * @throws UncheckedIOException if a file cannot be read
   */
  public DatasetSplit split() {
    if (!hasSplitFiles()) {
      return split(UserRatioSplit.create());
    }
    return options
        .applyLimitsTo(SplitReader.builder(vocabulary()))
        .train(folder.resolve(TRAIN))
        .validation(folder.resolve(VALIDATION))
        .test(folder.resolve(TEST))
        .unknownItems(options.unknownItems)
        .build()
        .read();
  }

  /**
   * Reads the whole sequences and splits them, also if a split is given.
   *
   * @param strategy how to split them
   * @return the split
   * @throws IllegalArgumentException as {@link #sequences()}
   * @throws UncheckedIOException if a file cannot be read
   */
  public DatasetSplit split(SplitStrategy strategy) {
    return strategy.split(sequences());
  }

  /**
   * Reads the whole sequences.
   *
   * @return the sequences of all users
   * @throws IllegalArgumentException if there are none (see {@link #hasSequences()}), or as {@link
   *     SequenceReader#read(Path)} and {@link InteractionReader#read(Path)}
   * @throws UncheckedIOException if a file cannot be read
   */
  public SequenceDataset sequences() {
    ImmutableList<Path> files = sequencesFiles();
    Path sequences = files.stream().filter(DataFolder::isSequences).findFirst().orElse(null);
    if (sequences == null) {
      return read(
          options.applyTo(InteractionReader.builder()).vocabulary(vocabulary()).build(), files);
    }
    checkArgument(
        files.size() == 1,
        "interactions must name files of interactions, or one of sequences, found %s among others",
        sequences);
    ImmutableList<String> unused = options.interactionOptions();
    checkArgument(
        unused.isEmpty(),
        "%s needs a file of interactions, found whole sequences in %s",
        unused.isEmpty() ? "" : unused.get(0),
        sequences);
    return options
        .applyLimitsTo(SequenceReader.builder())
        .userKeys(true)
        .vocabulary(vocabulary())
        .unknownItems(options.unknownItems)
        .build()
        .read(sequences);
  }

  /**
   * Reads the titles of the items.
   *
   * @return N titles by the ids of their items, in row order; or empty if there is no {@code
   *     items.tsv}
   * @throws IllegalArgumentException naming the file and the line, if a line has no title or no row
   *     from 0 to N-1, or two have the same row; or naming the file, if a row is missing
   * @throws UncheckedIOException if the file cannot be read
   */
  public Optional<ImmutableMap<String, String>> titles() {
    Path file = folder.resolve(TITLES);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> titles = new TitleReader(file, options.limits, itemCount()).read();
    ImmutableMap.Builder<String, String> byId = ImmutableMap.builderWithExpectedSize(titles.size());
    for (int row = 0; row < titles.size(); row++) {
      byId.put(vocabulary().id(row), titles.get(row));
    }
    return Optional.of(byId.buildOrThrow());
  }

  /**
   * The folder and its items.
   *
   * @return for example {@code DataFolder[games, 16859 items]}
   */
  @Override
  public String toString() {
    return "DataFolder[" + folder + ", " + itemCount() + " items]";
  }

  /** A builder of {@link DataFolder}. Not thread-safe. */
  public static final class Builder extends InteractionDataBuilder<Builder> {
    private final Path folder;
    private int itemCount;
    private boolean countItems;
    private ImmutableList<String> interactions = ImmutableList.of();

    private Builder(Path folder) {
      this.folder = checkNotNull(folder, "folder");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the number of items. It must be set unless there is an {@code item_ids.txt}, which must
     * have the same number of lines. There is no default.
     *
     * @param itemCount the number of items N, at least 1: the rows of the item embeddings
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    @CanIgnoreReturnValue
    public Builder itemCount(int itemCount) {
      checkArgument(itemCount >= 1, "itemCount must be at least 1, found %s", itemCount);
      this.itemCount = itemCount;
      return this;
    }

    /**
     * Sets whether the items are counted if no {@link #itemCount(int)} is set, for models without
     * language embeddings. The default is false.
     *
     * <p>The count is that of {@code item_ids.txt}, or else of {@code items.tsv}; if both are
     * there, they must agree. With neither of them it is one more than the largest item row in the
     * whole sequences, whatever the ratings. Newer items without interactions are then unknown, and
     * opening reads the sequences once. Ids that are not row numbers are rejected. So are rows of
     * which more than half have no interaction, since they are likely to be ids.
     *
     * @param countItems whether they are counted
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder countItems(boolean countItems) {
      this.countItems = countItems;
      return this;
    }

    /**
     * Sets the names of the files of whole sequences: {@code sequences.tsv}, or one or more files
     * of interactions, which are read together; or the name of a folder of such files. A member of
     * a zip archive has the archive's name before its own: {@code ml-1m.zip/ml-1m/ratings.dat}. The
     * default is the only such file of the folder; it must be set if the choice is ambiguous.
     *
     * @param interactions the names of files in the folder, or of one folder
     * @return this builder
     * @throws IllegalArgumentException if there is no name or one is blank
     */
    @CanIgnoreReturnValue
    public Builder interactions(String... interactions) {
      checkArgument(interactions.length > 0, "interactions must name a file, found none");
      for (String name : interactions) {
        checkArgument(!name.isBlank(), "interactions must name a file, found \"%s\"", name);
      }
      this.interactions = ImmutableList.copyOf(interactions);
      return this;
    }

    /**
     * Finds the files and reads {@code item_ids.txt}.
     *
     * @return the folder
     * @throws IllegalArgumentException if there is no such folder, it has neither a split nor
     *     sequences (the message lists the expected files) or several tables to choose from, {@code
     *     item_ids.txt} does not match the item count or is malformed, neither of them is there, or
     *     items cannot be counted as required
     * @throws UncheckedIOException if the folder or {@code item_ids.txt} cannot be read
     */
    public DataFolder open() {
      DataFolder opened = new DataFolder(copy());
      opened.vocabulary();
      return opened;
    }

    private Builder copy() {
      Builder copy = applyTo(new Builder(folder));
      copy.itemCount = itemCount;
      copy.countItems = countItems;
      copy.interactions = interactions;
      return copy;
    }
  }
}
