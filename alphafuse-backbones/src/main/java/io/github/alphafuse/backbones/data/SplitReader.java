package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A reader of splits in three text files, customarily {@code train.txt}, {@code valid.txt} and
 * {@code test.txt}. A line is a sequence, its last item is the target and those before it are the
 * history.
 *
 * <p>Items are separated by spaces, TABs or commas. The user's key is the file's name, a colon and
 * the line number, from 1. With {@link UnknownItems#SKIP} unknown items of a history are skipped; a
 * line whose target is unknown, or whose history has no known item, is left out and counted as
 * {@link Exclusion#UNKNOWN_TARGET} or {@link Exclusion#TOO_SHORT}. Files are UTF-8; a byte order
 * mark, CRLF and blank lines at the end are ignored. Immutable and thread-safe.
 */
public final class SplitReader {
  private final ItemVocabulary vocabulary;
  private final UnknownItems unknownItems;
  private final ReadingLimits limits;
  private final Path train;
  private final @Nullable Path validation;
  private final @Nullable Path test;

  private SplitReader(Builder builder) {
    checkState(builder.train != null, "train is not set");
    this.vocabulary = builder.vocabulary;
    this.unknownItems = builder.unknownItems;
    this.limits = builder.limits;
    this.train = builder.train;
    this.validation = builder.validation;
    this.test = builder.test;
  }

  /**
   * A builder.
   *
   * @param vocabulary the items of all files
   * @return the builder
   */
  public static Builder builder(ItemVocabulary vocabulary) {
    return new Builder(vocabulary);
  }

  /**
   * Reads the files.
   *
   * @return the split, examples in file order
   * @throws IllegalArgumentException naming the file and the line, if a file is empty or a line is
   *     blank, has fewer than two items, an item that is not in the vocabulary (unless skipped), or
   *     is not UTF-8
   * @throws UncheckedIOException if a file cannot be read
   */
  public DatasetSplit read() {
    return new Reading().read();
  }

  /** One pass over the files, with the data left out so far. */
  private final class Reading {
    private final ItemResolver resolver = new ItemResolver(vocabulary, unknownItems);
    private final DatasetSplit.Builder split = DatasetSplit.builder(vocabulary);
    private int lostUsers;

    DatasetSplit read() {
      split.train(read(train));
      if (validation != null) {
        split.validation(read(validation));
      }
      if (test != null) {
        split.test(read(test));
      }
      return split.skipped(resolver.skipped(lostUsers)).step("split files").build();
    }

    private Examples read(Path file) {
      Examples.Builder examples = Examples.builder(vocabulary);
      ItemLine items = new ItemLine(resolver);
      String prefix = Place.name(file) + ":";
      try (LineReader lines = new LineReader(file, limits, "a history and its target")) {
        while (lines.next()) {
          items.parse(lines, lines.from());
          if (items.found() < 2) {
            throw lines
                .place()
                .error(
                    "expected a history and its target (2 items or more), found %s", items.found());
          }
          if (items.size() == 0) {
            lostUsers++;
          }
          if (!items.lastKnown()) {
            split.exclude(Exclusion.UNKNOWN_TARGET, 1);
          } else if (items.size() < 2) {
            split.exclude(Exclusion.TOO_SHORT, 1);
          } else {
            examples.add(items.toSequence(prefix + lines.line()));
          }
        }
      }
      return examples.build();
    }
  }

  /** A builder of {@link SplitReader}. Not thread-safe. */
  public static final class Builder extends ReaderBuilder<Builder> {
    private final ItemVocabulary vocabulary;
    private @Nullable Path train;
    private @Nullable Path validation;
    private @Nullable Path test;

    private Builder(ItemVocabulary vocabulary) {
      this.vocabulary = checkNotNull(vocabulary, "vocabulary");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the file of the training part. It must be set.
     *
     * @param train the file
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder train(Path train) {
      this.train = checkNotNull(train, "train");
      return this;
    }

    /**
     * Sets the file of the validation part. By default the part is empty.
     *
     * @param validation the file
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder validation(Path validation) {
      this.validation = checkNotNull(validation, "validation");
      return this;
    }

    /**
     * Sets the file of the test part. By default the part is empty.
     *
     * @param test the file
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder test(Path test) {
      this.test = checkNotNull(test, "test");
      return this;
    }

    /**
     * The reader.
     *
     * @return the reader
     * @throws IllegalStateException if the file of the training part is not set
     */
    public SplitReader build() {
      return new SplitReader(this);
    }
  }
}
