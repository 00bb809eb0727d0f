package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reader of text files with one user's sequence per line, oldest item first.
 *
 * <p>Items are separated by spaces, TABs or commas. With {@link Builder#userKeys(boolean)} a line
 * begins with the user's key and a TAB, as in {@code sequences.tsv}; else the user's key is the
 * line number, from 1. Files are UTF-8; a byte order mark, CRLF and blank lines at the end are
 * ignored. Immutable and thread-safe.
 */
public final class SequenceReader {
  private final @Nullable ItemVocabulary vocabulary;
  private final UnknownItems unknownItems;
  private final boolean userKeys;
  private final ReadingLimits limits;

  private SequenceReader(Builder builder) {
    this.vocabulary = builder.vocabulary;
    this.unknownItems = builder.unknownItems;
    this.userKeys = builder.userKeys;
    this.limits = builder.limits;
  }

  /**
   * A builder of a reader without user keys that numbers items by first appearance.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its sequences in file order
   * @throws IllegalArgumentException naming the file and the line, if the file is empty or a line
   *     is blank, has no items, no user key where one is expected, a user that an earlier line has,
   *     an item that is not in the vocabulary (unless skipped), or is not UTF-8
   * @throws UncheckedIOException if the file cannot be read
   */
  public SequenceDataset read(Path file) {
    ItemResolver resolver = new ItemResolver(vocabulary, unknownItems);
    ItemLine items = new ItemLine(resolver);
    ImmutableList.Builder<UserSequence> sequences = ImmutableList.builder();
    Map<String, Long> lineOfUser = new HashMap<>();
    int read = 0;
    int lost = 0;
    String expected = userKeys ? "a user, a TAB and the user's items" : "the items of a sequence";
    try (LineReader lines = new LineReader(file, limits, expected)) {
      while (lines.next()) {
        String user;
        if (userKeys) {
          int tab = tab(lines);
          user = lines.text(lines.from(), tab).strip();
          if (user.isEmpty()) {
            throw lines.place().error("expected a user before the first TAB, found none");
          }
          Long earlier = lineOfUser.putIfAbsent(user, lines.line());
          if (earlier != null) {
            throw lines
                .place()
                .error("expected one line per user, found user \"%s\" of line %s", user, earlier);
          }
          items.parse(lines, tab + 1);
        } else {
          user = Long.toString(lines.line());
          items.parse(lines, lines.from());
        }
        if (items.found() == 0) {
          throw lines.place().error("expected at least 1 item for user \"%s\", found none", user);
        }
        if (items.size() == 0) {
          lost++;
        } else {
          sequences.add(items.toSequence(user));
          read++;
        }
      }
    }
    if (read == 0) {
      throw resolver.nothingKnown(Source.of(file));
    }
    return SequenceDataset.ofChecked(
        resolver.vocabulary(),
        sequences.build(),
        resolver.skipped(lost),
        ImmutableList.of(),
        ImmutableList.of());
  }

  private static int tab(LineReader lines) {
    byte[] bytes = lines.bytes();
    for (int i = lines.from(); i < lines.to(); i++) {
      if (bytes[i] == '\t') {
        return i;
      }
    }
    throw lines.place().error("expected a user, a TAB and the user's items, found no TAB");
  }

  /** A builder of {@link SequenceReader}. Not thread-safe. */
  public static final class Builder extends ReaderBuilder<Builder> {
    private @Nullable ItemVocabulary vocabulary;
    private boolean userKeys;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the vocabulary of the file's item ids. By default items are numbered by first
     * appearance.
     *
     * @param vocabulary the vocabulary
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder vocabulary(ItemVocabulary vocabulary) {
      this.vocabulary = checkNotNull(vocabulary, "vocabulary");
      return this;
    }

    /**
     * Sets whether a line begins with the user's key and a TAB. The default is false.
     *
     * @param userKeys whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder userKeys(boolean userKeys) {
      this.userKeys = userKeys;
      return this;
    }

    /**
     * The reader.
     *
     * @return the reader
     */
    public SequenceReader build() {
      return new SequenceReader(this);
    }
  }
}
