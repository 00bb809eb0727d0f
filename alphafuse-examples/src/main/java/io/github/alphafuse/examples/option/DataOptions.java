package io.github.alphafuse.examples.option;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Stream.concat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.LeaveOneOutSplit;
import io.github.alphafuse.backbones.data.MalformedLines;
import io.github.alphafuse.backbones.data.ReaderBuilder;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.SplitReader;
import io.github.alphafuse.backbones.data.SplitStrategy;
import io.github.alphafuse.backbones.data.TemporalSplit;
import io.github.alphafuse.backbones.data.UnknownItems;
import io.github.alphafuse.backbones.data.UserRatioSplit;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import io.github.alphafuse.examples.data.GraphData;
import io.github.alphafuse.examples.data.TrainingData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The data of a command: a folder, or a generated catalogue. */
@Heading("Data")
public final class DataOptions {
  private static final String DATA = "data";
  private static final String GENERATED = "generated";

  /** The options that decide which examples are made of the same files. */
  private static final ImmutableList<String> PREPARATION =
      ImmutableList.of(
          "split",
          "split_seed",
          "split_at",
          "user_column",
          "item_column",
          "time_column",
          "rating_column",
          "columns",
          "file_order",
          "min_rating",
          "distinct",
          "k_core",
          "skip_malformed",
          "skip_unknown");

  /** The notes that earlier versions saved although the option had no effect. */
  private static final ImmutableSet<String> ONCE_ACCEPTED =
      ImmutableSet.of("split_seed", "rating_column", "skip_malformed", "skip_unknown");

  private static final String EMBEDDINGS = "item_embeddings.npy";
  private static final String ITEM_IDS = "item_ids.txt";
  private static final String TRAIN = "train.txt";
  private static final String VALIDATION = "valid.txt";
  private static final String TEST = "test.txt";
  private static final long DEFAULT_SEED = 22;

  /** All sequences are for training. */
  private static final SplitStrategy ALL = UserRatioSplit.create().ratios(1, 0, 0);

  @Mixin private final FolderOptions folder = new FolderOptions();

  @Option(
      names = {"--language_model_type", "--language-model-type", "--emb_type", "--emb-type"},
      paramLabel = "NAME",
      description =
          "Read the language embeddings from NAME_emb.npy instead of item_embeddings.npy.")
  @Nullable String languageModel;

  @Option(
      names = "--embeddings",
      paramLabel = "FILE",
      description = "Read the language embeddings from this .npy file.")
  @Nullable Path embeddings;

  @Option(
      names = "--split",
      paramLabel = "HOW",
      description =
          "Split the whole sequences: ratio (users 8:1:1), leave-one-out, or temporal (all"
              + " interactions 8:1:1 by time, or at --split_at) (default: the split files of"
              + " the folder if it has them, otherwise ratio).")
  @Nullable SplitType split;

  @Option(
      names = {"--split_seed", "--split-seed"},
      paramLabel = "N",
      description = "Seed of --split ratio (default: 22).")
  @Nullable Long splitSeed;

  @Option(
      names = {"--split_at", "--split-at"},
      arity = "2",
      paramLabel = "TIME",
      description =
          "Two times for --split temporal, in the unit of the data: the start of validation"
              + " and the start of testing.")
  double @Nullable [] splitAt;

  @Option(
      names = "--interactions",
      arity = "1..*",
      paramLabel = "NAME",
      description =
          "The interaction file to read, if the folder has several; or several files, or a folder"
              + " of files, to read together. ARCHIVE.zip/NAME is a member of an archive.")
  String @Nullable [] interactions;

  @Option(
      names = {"--user_column", "--user-column"},
      paramLabel = "NAME",
      description = "Column or JSON field of the users (default: one of the usual names).")
  @Nullable String userColumn;

  @Option(
      names = {"--item_column", "--item-column"},
      paramLabel = "NAME",
      description = "Column or JSON field of the items (default: one of the usual names).")
  @Nullable String itemColumn;

  @Option(
      names = {"--time_column", "--time-column"},
      paramLabel = "NAME",
      description =
          "Column or JSON field of the times, which must then be there (default: one of the usual"
              + " names).")
  @Nullable String timeColumn;

  @Option(
      names = {"--rating_column", "--rating-column"},
      paramLabel = "NAME",
      description =
          "Column or JSON field of the ratings for --min_rating (default: one of the usual"
              + " names).")
  @Nullable String ratingColumn;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAME",
      description =
          "Names of all columns of a table whose first line is an interaction, for example"
              + " item,user,rating,time (default: the first line names them).")
  String @Nullable [] columns;

  @Option(
      names = {"--file_order", "--file-order"},
      description =
          "Keep interactions in the order of the file instead of sorting them by time; times are"
              + " not read.")
  boolean fileOrder;

  @Option(
      names = {"--max_line_length", "--max-line-length"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Longest line of a file that is read, in bytes (default: 16777216).")
  @Nullable Integer maxLineLength;

  @Option(
      names = {"--max_expansion", "--max-expansion"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "How many times as large as a compressed file its content may be, beyond 64 MiB"
              + " (default: 200).")
  @Nullable Integer maxExpansion;

  @Option(
      names = {"--min_rating", "--min-rating"},
      paramLabel = "X",
      converter = Numbers.Finite.class,
      description = "Leave out interactions rated below X (default: ratings are ignored).")
  @Nullable Double minRating;

  @Option(
      names = "--distinct",
      description = "Keep only the oldest of repeated interactions of a user with an item.")
  boolean distinct;

  @Option(
      names = {"--k_core", "--k-core"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description =
          "Leave out users and items with fewer than K interactions, repeatedly, until all"
              + " have at least K. The items stay in the catalogue.")
  @Nullable Integer kCore;

  @Option(
      names = {"--skip_malformed", "--skip-malformed"},
      description =
          "Skip and count lines that are not interactions, instead of reporting an error.")
  boolean skipMalformed;

  @Option(
      names = {"--skip_unknown", "--skip-unknown"},
      description =
          "Skip and count items that are not in the catalogue, instead of reporting an error.")
  boolean skipUnknown;

  /** The flags that were taken from a model's notes although they may have no effect. */
  private final Set<String> accepted = new HashSet<>();

  private boolean keepsNothingBack;

  /** Creates the options with their defaults. */
  public DataOptions() {}

  /** Puts all interactions into training, whatever split there is. */
  void keepNothingBack() {
    keepsNothingBack = true;
    split = null;
    splitAt = null;
  }

  /** {@return whether the data are generated instead of read from a folder} */
  public boolean isGenerated() {
    return !folder.isGiven() && embeddings == null;
  }

  /** {@return the data of sequence models} */
  public TrainingData load() {
    if (isGenerated()) {
      return generate();
    }
    LanguageEmbeddings rows = loadEmbeddings();
    if (isUntested()) {
      return new TrainingData(name(), rows, untested(rows.itemCount()), Optional.empty());
    }
    DataFolder opened = open(rows.itemCount());
    return new TrainingData(name(), rows, split(opened), opened.titles());
  }

  private TrainingData generate() {
    requireNoFiles();
    GeneratedCatalogue catalogue = GeneratedCatalogue.builder().build();
    SplitType how = split;
    DatasetSplit parts;
    if (keepsNothingBack) {
      parts = ALL.split(filtered(catalogue.sequences()));
    } else if (how == null) {
      requireWholeSequences();
      parts = catalogue.split();
    } else {
      parts = split(how).split(filtered(catalogue.sequences()));
    }
    return new TrainingData(
        name(), catalogue.embeddings(), parts, Optional.of(titlesById(catalogue)));
  }

  private static ImmutableMap<String, String> titlesById(GeneratedCatalogue catalogue) {
    ItemVocabulary items = catalogue.sequences().vocabulary();
    ImmutableMap.Builder<String, String> titles = ImmutableMap.builder();
    for (int row = 0; row < items.size(); row++) {
      titles.put(items.id(row), catalogue.titles().get(row));
    }
    return titles.buildOrThrow();
  }

  /**
   * Loads data for graph models. If no option names language embeddings and the folder has none,
   * the items of the folder are counted.
   *
   * @param needsText whether missing embeddings are an error
   * @return the data
   */
  public GraphData loadGraph(boolean needsText) {
    boolean hasText =
        needsText
            || isGenerated()
            || embeddings != null
            || languageModel != null
            || Files.exists(folder().resolve(EMBEDDINGS));
    Optional<LanguageEmbeddings> text = hasText ? Optional.of(loadEmbeddings()) : Optional.empty();
    SequenceDataset sequences =
        sequences(() -> text.isPresent() ? open(text.get().itemCount()) : folderOfUnknownSize());
    return new GraphData(name(), text, InteractionSplit.byOrder(sequences), sequences.remarks());
  }

  private DataFolder folderOfUnknownSize() {
    return builder().countItems(true).open();
  }

  /**
   * Loads the sequences of all users, each split by its order. It does not need embeddings.
   *
   * @param itemCount the size of the catalogue
   * @return the split
   */
  public InteractionSplit loadInteractions(int itemCount) {
    return InteractionSplit.byOrder(sequences(() -> open(itemCount)));
  }

  private SequenceDataset sequences(Supplier<DataFolder> opener) {
    rejectAny(
        splitFlags(),
        " is for sequence models: graph models split the items of each user by their order");
    if (isGenerated()) {
      requireNoFiles();
      return filtered(GeneratedCatalogue.builder().build().sequences());
    }
    return filtered(opener.get().sequences());
  }

  private String name() {
    return isGenerated() ? "generated catalogue" : String.valueOf(folder());
  }

  /**
   * Loads the examples of the data. It does not need embeddings.
   *
   * @param itemCount the size of the catalogue
   * @return the split
   */
  public DatasetSplit loadSplit(int itemCount) {
    if (isGenerated()) {
      return generate().split();
    }
    return isUntested() ? untested(itemCount) : split(open(itemCount));
  }

  /** {@return the language embeddings of the items} */
  public LanguageEmbeddings loadEmbeddings() {
    if (isGenerated()) {
      return generate().embeddings();
    }
    Path given = embeddings;
    if (given != null) {
      if (languageModel != null) {
        throw new IdleOptionException(
            "--language_model_type has no effect beside --embeddings, which names a file too: give"
                + " only one of them");
      }
      return npy(given, "--embeddings names no file");
    }
    String name = languageModel == null ? EMBEDDINGS : languageModel + "_emb.npy";
    return npy(
        folder().resolve(name),
        languageModel == null
            ? "no language embeddings (for files NAME_emb.npy give --language_model_type NAME)"
            : "no language embeddings of --language_model_type " + languageModel);
  }

  private static LanguageEmbeddings npy(Path file, String problem) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException(problem + ": expected " + file);
    }
    return LanguageEmbeddings.npy(file);
  }

  private Path folder() {
    return folder.folder();
  }

  private DataFolder open(int itemCount) {
    return builder().itemCount(itemCount).open();
  }

  private DataFolder.Builder builder() {
    requireRatingInUse();
    DataFolder.Builder folder =
        DataFolder.builder(folder())
            .unknownItems(unknownItems())
            .malformedLines(skipMalformed ? MalformedLines.SKIP : MalformedLines.REJECT);
    if (interactions != null) {
      folder.interactions(interactions);
    }
    if (minRating != null) {
      folder.minRating(minRating);
    }
    if (userColumn != null) {
      folder.userColumn(userColumn);
    }
    if (itemColumn != null) {
      folder.itemColumn(itemColumn);
    }
    if (timeColumn != null) {
      folder.timeColumn(timeColumn);
    }
    if (ratingColumn != null) {
      folder.ratingColumn(ratingColumn);
    }
    if (columns != null) {
      folder.columns(columns);
    }
    return withLimits(folder.fileOrder(fileOrder));
  }

  private <B extends ReaderBuilder<B>> B withLimits(B reader) {
    if (maxLineLength != null) {
      reader.maxLineLength(maxLineLength);
    }
    return maxExpansion == null ? reader : reader.maxExpansion(maxExpansion);
  }

  /** Sets how sequences are split, unless --split is given. */
  void splitUnlessGiven(SplitType how) {
    if (split == null) {
      split = how;
    }
  }

  private DatasetSplit split(DataFolder folder) {
    if (keepsNothingBack) {
      if (!folder.hasSequences()) {
        throw new CommandFailedException(
            "--final needs whole sequences, found only examples that are already split in "
                + folder());
      }
      return ALL.split(filtered(folder.sequences()));
    }
    SplitType how = split;
    if (how == null && folder.hasSplitFiles()) {
      requireWholeSequences();
      return folder.split();
    }
    return split(how == null ? SplitType.RATIO : how).split(filtered(folder.sequences()));
  }

  /** Whether the folder has a split without a test part, which a DataFolder would reject. */
  private boolean isUntested() {
    return !keepsNothingBack && split == null && has(TRAIN) && has(VALIDATION) && !has(TEST);
  }

  private boolean has(String file) {
    return Files.isRegularFile(folder().resolve(file));
  }

  private DatasetSplit untested(int itemCount) {
    requireWholeSequences();
    ItemVocabulary items =
        has(ITEM_IDS)
            ? ItemVocabulary.read(folder().resolve(ITEM_IDS))
            : ItemVocabulary.ofRows(itemCount);
    if (items.size() != itemCount) {
      throw new CommandFailedException(
          ITEM_IDS
              + ": expected one id for each of the "
              + itemCount
              + " items, found "
              + items.size());
    }
    return withLimits(SplitReader.builder(items))
        .train(folder().resolve(TRAIN))
        .validation(folder().resolve(VALIDATION))
        .unknownItems(unknownItems())
        .build()
        .read();
  }

  private UnknownItems unknownItems() {
    return skipUnknown ? UnknownItems.SKIP : UnknownItems.REJECT;
  }

  /**
   * Rejects options of interactions, for a command that reads the text alone.
   *
   * @param reader the option that makes the command read interactions
   */
  public void requireTextOnly(String reader) {
    rejectAny(
        concat(
            splitFlags(),
            concat(
                fileFlags(),
                concat(given("--distinct", distinct), given("--k_core", kCore != null)))),
        " has no effect without " + reader + ": the interactions are not read");
  }

  /**
   * Rejects options of language embeddings, for a command that reads interactions alone.
   *
   * @param reader the option that makes the command read the text
   */
  public void requireNoText(String reader) {
    rejectAny(
        concat(
            given("--embeddings", embeddings != null),
            given("--language_model_type", languageModel != null)),
        " has no effect without " + reader + ": the text is that of the model");
  }

  /** Rejects options of files where the data are generated. */
  private void requireNoFiles() {
    rejectAny(
        concat(
            given("--data-root", folder.hasRoot()),
            concat(given("--language_model_type", languageModel != null), fileFlags())),
        " is for a data folder, but the data are generated: add --data");
  }

  /** Rejects options that cannot be applied to data that are already split. */
  private void requireWholeSequences() {
    rejectAny(
        Stream.of(
                columnFlags(),
                given("--interactions", interactions != null),
                given("--min_rating", minRating != null),
                given("--skip_malformed", skipMalformed),
                given("--distinct", distinct),
                given("--k_core", kCore != null),
                given("--split_at", splitAt != null),
                given("--split_seed", splitSeed != null))
            .flatMap(flags -> flags),
        " needs whole sequences, but the data are already split: add --split");
  }

  private void requireRatingInUse() {
    if (minRating == null) {
      rejectAny(
          given("--rating_column", ratingColumn != null),
          " has no effect without --min_rating: ratings are not read");
    }
  }

  private static void rejectAny(Stream<String> flags, String reason) {
    flags
        .findFirst()
        .ifPresent(
            flag -> {
              throw new IdleOptionException(flag + reason);
            });
  }

  /** The given flags that say how sequences are split. */
  private Stream<String> splitFlags() {
    return Stream.of(
            given("--split", split != null),
            given("--split_at", splitAt != null),
            given("--split_seed", splitSeed != null))
        .flatMap(flags -> flags);
  }

  /** The given flags that say which files of interactions are read, and how. */
  private Stream<String> fileFlags() {
    return Stream.of(
            columnFlags(),
            given("--interactions", interactions != null),
            given("--max_line_length", maxLineLength != null),
            given("--max_expansion", maxExpansion != null),
            given("--min_rating", minRating != null),
            given("--skip_malformed", skipMalformed),
            given("--skip_unknown", skipUnknown))
        .flatMap(flags -> flags);
  }

  /** The given flags that say where interactions are in their file. */
  private Stream<String> columnFlags() {
    return Stream.of(
            given("--user_column", userColumn != null),
            given("--item_column", itemColumn != null),
            given("--time_column", timeColumn != null),
            given("--rating_column", ratingColumn != null),
            given("--columns", columns != null),
            given("--file_order", fileOrder))
        .flatMap(flags -> flags);
  }

  /** A flag if it is given, unless it was taken from notes that may hold it. */
  private Stream<String> given(String flag, boolean isGiven) {
    return isGiven && !accepted.contains(flag) ? Stream.of(flag) : Stream.empty();
  }

  private SequenceDataset filtered(SequenceDataset sequences) {
    SequenceDataset kept = distinct ? sequences.distinct() : sequences;
    return kCore == null ? kept : kept.kCore(kCore);
  }

  private SplitStrategy split(SplitType how) {
    double[] instants = splitAt;
    if (instants != null && how != SplitType.TEMPORAL) {
      throw new IdleOptionException("--split_at needs --split temporal, found " + how);
    }
    if (how != SplitType.RATIO) {
      rejectAny(
          given("--split_seed", splitSeed != null),
          " needs --split ratio, which draws users at random, found " + how);
    }
    return switch (how) {
      case RATIO -> UserRatioSplit.create().seed(seed());
      case LEAVE_ONE_OUT -> LeaveOneOutSplit.create();
      case TEMPORAL -> instants == null ? TemporalSplit.create() : at(instants);
    };
  }

  private long seed() {
    return splitSeed == null ? DEFAULT_SEED : splitSeed;
  }

  private static SplitStrategy at(double... instants) {
    try {
      return TemporalSplit.create().instants(instants[0], instants[1]);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException("--split_at: " + e.getMessage());
    }
  }

  /**
   * Returns what to save with a model about its data and results: the options that filtered and
   * split the data, by the names of their flags, and test metrics.
   *
   * @param test test metrics by name
   * @return notes for {@link #follow}; without paths, so that a folder may move
   */
  public ImmutableMap<String, String> notes(Map<String, Double> test) {
    ImmutableMap.Builder<String, String> notes = ImmutableMap.builder();
    Map<String, Object> settings = new LinkedHashMap<>();
    describe(settings);
    notes.put(DATA, isGenerated() ? GENERATED : "given");
    if (keepsNothingBack) {
      notes.put("final", "all interactions");
    }
    for (String name : PREPARATION) {
      String value = Objects.toString(settings.get(name), "");
      if (!value.isEmpty()) {
        notes.put(name, value);
      }
    }
    test.forEach((metric, value) -> notes.put("test " + metric, value.toString()));
    return notes.buildOrThrow();
  }

  /**
   * Whether notes tell how data were filtered and split, so that a split that they do not name is
   * the default one.
   *
   * @param notes the notes that were saved with a model
   * @return false for a model of an earlier version or another program
   */
  public static boolean areNotedIn(Map<String, String> notes) {
    return notes.containsKey(DATA);
  }

  /**
   * Filters and splits the data as those of a model, except by options that are given.
   *
   * @param notes the notes that were saved with the model
   * @param isGiven whether the option with a given name was on the command line
   * @return the options that were taken from the notes, as on a command line; empty if none differs
   *     from the defaults
   * @throws CommandFailedException if the model was trained on a folder and none is given
   */
  public String follow(Map<String, String> notes, Predicate<String> isGiven) {
    if (isGenerated() && "given".equals(notes.get(DATA))) {
      throw new CommandFailedException(
          "--data is missing: the model was trained on a data folder, which must be given");
    }
    StringBuilder followed = new StringBuilder();
    for (String name : PREPARATION) {
      String value = notes.getOrDefault(name, "");
      String flag = "--" + name;
      Map<String, Object> current = new LinkedHashMap<>();
      describe(current);
      if (!value.isEmpty()
          && !isGiven.test(flag)
          && !(name.startsWith("split_") && isGiven.test("--split"))
          && !value.equals(Objects.toString(current.get(name), ""))) {
        followed.append(' ').append(flag);
        if (!value.equals("true")) {
          followed.append(' ').append(value);
        }
        follow(name, value);
        if (ONCE_ACCEPTED.contains(name) || (isGenerated() && name.equals("min_rating"))) {
          accepted.add(flag);
        }
      }
    }
    return followed.toString().strip();
  }

  private void follow(String name, String value) {
    try {
      switch (name) {
        case "split" ->
            split =
                Arrays.stream(SplitType.values())
                    .filter(how -> how.toString().equals(value))
                    .findFirst()
                    .orElseThrow(IllegalArgumentException::new);
        case "split_seed" -> splitSeed = Long.parseLong(value);
        case "split_at" -> {
          double[] times =
              Arrays.stream(value.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
          checkArgument(times.length == 2, "split_at must be two times");
          splitAt = times;
        }
        case "user_column" -> userColumn = value;
        case "item_column" -> itemColumn = value;
        case "time_column" -> timeColumn = value;
        case "rating_column" -> ratingColumn = value;
        case "columns" -> columns = value.split(",", -1);
        case "file_order" -> fileOrder = Boolean.parseBoolean(value);
        case "min_rating" -> minRating = Double.valueOf(value);
        case "distinct" -> distinct = Boolean.parseBoolean(value);
        case "k_core" -> kCore = Integer.valueOf(value);
        case "skip_malformed" -> skipMalformed = Boolean.parseBoolean(value);
        case "skip_unknown" -> skipUnknown = Boolean.parseBoolean(value);
        default -> throw new IllegalArgumentException(name);
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(
          "the model's note of --" + name + " is malformed, found '" + value + "'");
    }
  }

  /**
   * Adds the value of every option, under the name of its flag.
   *
   * @param settings the map to add to
   */
  public void describe(Map<String, Object> settings) {
    folder.describe(settings);
    settings.put("language_model_type", languageModel == null ? "" : languageModel);
    settings.put("embeddings", embeddings == null ? "" : embeddings.toString());
    settings.put("split", split == null ? "" : split.toString());
    settings.put("split_seed", seed());
    settings.put("split_at", splitAt == null ? "" : splitAt[0] + " " + splitAt[1]);
    settings.put("interactions", interactions == null ? "" : String.join(" ", interactions));
    settings.put("user_column", userColumn == null ? "" : userColumn);
    settings.put("item_column", itemColumn == null ? "" : itemColumn);
    settings.put("time_column", timeColumn == null ? "" : timeColumn);
    settings.put("rating_column", ratingColumn == null ? "" : ratingColumn);
    settings.put("columns", columns == null ? "" : String.join(",", columns));
    settings.put("file_order", fileOrder);
    settings.put("max_line_length", maxLineLength);
    settings.put("max_expansion", maxExpansion);
    settings.put("min_rating", minRating);
    settings.put("distinct", distinct);
    settings.put("k_core", kCore);
    settings.put("skip_malformed", skipMalformed);
    settings.put("skip_unknown", skipUnknown);
  }
}
