package io.github.alphafuse.text;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.language.ItemCatalogue;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Turns the texts of items into language embeddings with any embedding model of LangChain4j: one
 * that runs in this process or one behind an interface on the network.
 *
 * <p>Shapes: N items, d_l language dimension, that of the model's vectors.
 *
 * <p>Each different text is sent once, in batches. A request that fails is repeated after a wait.
 * With a {@linkplain Builder#cache cache}, what was answered is kept in a file as it arrives: a run
 * that was interrupted or killed goes on where it stopped, and a later run asks for new and changed
 * texts alone. The vectors are taken as they are, without normalisation. A text that is longer than
 * the model's window is cut by the model, or refused by it.
 *
 * <p>Vectors and embeddings are on the heap: 8 N d_l bytes while they are put together, 4 N d_l
 * after.
 *
 * <p>Immutable, and thread-safe if the model is; two calls at once cannot share a cache.
 */
public final class TextEncoder {
  private final EmbeddingModel model;
  private final Backoff backoff;
  private final int batchSize;
  private final int parallelRequests;
  private final BlankTexts blankTexts;
  private final EncodingListener listener;
  private final @Nullable Path cache;
  private final String modelName;
  private final boolean pruneCache;

  private TextEncoder(Builder settings, String modelName) {
    this.model = settings.model;
    this.backoff =
        new Backoff(settings.retries, settings.retryDelay, settings.maxRetryDelay, settings.pause);
    this.batchSize = settings.batchSize;
    this.parallelRequests = settings.parallelRequests;
    this.blankTexts = settings.blankTexts;
    this.listener = settings.listener;
    this.cache = settings.cache;
    this.modelName = modelName;
    this.pruneCache = settings.pruneCache;
  }

  /**
   * An encoder with the defaults of the {@link #builder builder}, without a cache.
   *
   * @param model the embedding model
   * @return the encoder
   */
  public static TextEncoder of(EmbeddingModel model) {
    return builder(model).build();
  }

  /**
   * A builder.
   *
   * @param model the embedding model; with {@link Builder#parallelRequests} above 1 it must be
   *     thread-safe, as those of LangChain4j are
   * @return a new builder
   */
  public static Builder builder(EmbeddingModel model) {
    return new Builder(model);
  }

  /**
   * Encodes texts.
   *
   * @param texts N texts
   * @return float32 rows [N, d_l] in the order of the texts, without ids
   * @throws IllegalArgumentException as {@link #encode(ItemCatalogue)}
   * @throws IllegalStateException as {@link #encode(ItemCatalogue)}
   * @throws UncheckedIOException as {@link #encode(ItemCatalogue)}
   */
  public LanguageEmbeddings encode(String... texts) {
    return encode(Arrays.asList(texts));
  }

  /**
   * Encodes texts.
   *
   * @param texts N texts
   * @return float32 rows [N, d_l] in the order of the texts, without ids
   * @throws IllegalArgumentException as {@link #encode(ItemCatalogue)}
   * @throws IllegalStateException as {@link #encode(ItemCatalogue)}
   * @throws UncheckedIOException as {@link #encode(ItemCatalogue)}
   */
  public LanguageEmbeddings encode(List<String> texts) {
    return encode(ItemTexts.of(texts));
  }

  /**
   * Encodes the items of a catalogue, each by its text, or by its title if the text is blank.
   *
   * @param catalogue N items
   * @return float32 rows [N, d_l] in the order of the catalogue, with its ids
   * @throws IllegalArgumentException if there is no text at all, an item has neither text nor title
   *     and {@link BlankTexts#REFUSE} is set, the rows do not fit a Java array, or the cache is a
   *     file of another kind, of another model, or damaged at its start
   * @throws IllegalStateException if the model still fails after the retries, answers with more or
   *     fewer vectors than texts, vectors of another width than before or numbers that are not
   *     finite, or another encoder uses the cache. Nothing of the answer is kept then; all earlier
   *     ones stay in the cache
   * @throws CancellationException if the thread is interrupted; it stays so, and the cache keeps
   *     what was answered
   * @throws UncheckedIOException if the cache cannot be read or written
   */
  public LanguageEmbeddings encode(ItemCatalogue catalogue) {
    return encode(ItemTexts.of(catalogue));
  }

  private LanguageEmbeddings encode(ItemTexts items) {
    List<Integer> blank = items.blankRows();
    if (blankTexts == BlankTexts.REFUSE || blank.size() == items.size()) {
      items.requireNoBlank(blank);
    }
    LanguageEmbeddings embeddings;
    if (cache == null) {
      embeddings = LanguageEmbeddings.of(rows(new EncodingRun(items, Optional.empty(), listener)));
    } else {
      try (VectorCache file = VectorCache.open(cache, modelName)) {
        embeddings =
            LanguageEmbeddings.of(rows(new EncodingRun(items, Optional.of(file), listener)));
      }
    }
    return items.ids().map(embeddings::withIds).orElse(embeddings);
  }

  private float[][] rows(EncodingRun run) {
    run.takeFromCache(modelName);
    run.request(new EncodingRequests(model, backoff, run::describe), batchSize, parallelRequests);
    run.tidyCache(pruneCache);
    return run.rows();
  }

  /**
   * A short description.
   *
   * @return the model's name and the cache, if there is one
   */
  @Override
  public String toString() {
    return "TextEncoder[" + modelName + (cache == null ? "" : ", " + cache) + "]";
  }

  /** Options of an encoder, each with a default. Not thread-safe. */
  public static final class Builder {
    private static final String UNKNOWN = "unknown";

    private final EmbeddingModel model;
    private int batchSize = 64;
    private int retries = 4;
    private Duration retryDelay = Duration.ofSeconds(1);
    private Duration maxRetryDelay = Duration.ofMinutes(1);
    private int parallelRequests = 1;
    private BlankTexts blankTexts = BlankTexts.REFUSE;
    private EncodingListener listener = progress -> {};
    private @Nullable Path cache;
    private @Nullable String modelName;
    private boolean pruneCache;
    private Backoff.Pause pause = duration -> Thread.sleep(duration.toMillis());

    private Builder(EmbeddingModel model) {
      this.model = checkNotNull(model, "model");
    }

    /**
     * Sets how many texts one request holds; the default is 64. Interfaces on the network have a
     * limit of texts and one of their length together.
     *
     * @param batchSize at least 1
     * @return this builder
     * @throws IllegalArgumentException if the size is not positive
     */
    @CanIgnoreReturnValue
    public Builder batchSize(int batchSize) {
      checkArgument(batchSize > 0, "batchSize must be positive, found %s", batchSize);
      this.batchSize = batchSize;
      return this;
    }

    /**
     * Sets how often a failed request is repeated; the default is 4. It is not repeated if the
     * model reports that the request itself is wrong, such as by an invalid key.
     *
     * @param retries 0 or more
     * @return this builder
     * @throws IllegalArgumentException if the number is negative
     */
    @CanIgnoreReturnValue
    public Builder retries(int retries) {
      checkArgument(retries >= 0, "retries must not be negative, found %s", retries);
      this.retries = retries;
      return this;
    }

    /**
     * Sets the wait before the first retry; the default is one second. Each further wait is twice
     * as long as the one before.
     *
     * @param retryDelay 0 or longer
     * @return this builder
     * @throws IllegalArgumentException if the time is negative
     */
    @CanIgnoreReturnValue
    public Builder retryDelay(Duration retryDelay) {
      checkArgument(
          !retryDelay.isNegative(), "retryDelay must not be negative, found %s", retryDelay);
      this.retryDelay = retryDelay;
      return this;
    }

    /**
     * Sets the longest wait before a retry; the default is one minute.
     *
     * @param maxRetryDelay 0 or longer
     * @return this builder
     * @throws IllegalArgumentException if the time is negative
     */
    @CanIgnoreReturnValue
    public Builder maxRetryDelay(Duration maxRetryDelay) {
      checkArgument(
          !maxRetryDelay.isNegative(),
          "maxRetryDelay must not be negative, found %s",
          maxRetryDelay);
      this.maxRetryDelay = maxRetryDelay;
      return this;
    }

    /**
     * Sets how many requests are under way at once, each in its own thread; the default is 1, in
     * the caller's thread. More shorten the wait for an interface on the network. A model in this
     * process uses all processors by itself.
     *
     * @param parallelRequests at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is not positive
     */
    @CanIgnoreReturnValue
    public Builder parallelRequests(int parallelRequests) {
      checkArgument(
          parallelRequests > 0, "parallelRequests must be positive, found %s", parallelRequests);
      this.parallelRequests = parallelRequests;
      return this;
    }

    /**
     * Sets what is done with items that have neither a text nor a title; the default is {@link
     * BlankTexts#REFUSE}.
     *
     * @param blankTexts the choice
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder blankTexts(BlankTexts blankTexts) {
      this.blankTexts = checkNotNull(blankTexts, "blankTexts");
      return this;
    }

    /**
     * Sets who is told how far the encoder has come; the default is no one.
     *
     * @param listener the receiver
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder listener(EncodingListener listener) {
      this.listener = checkNotNull(listener, "listener");
      return this;
    }

    /**
     * Sets the file that keeps the vectors of texts; the default is none. It is created in an
     * existing folder, and beside it a file {@code NAME.lock}, which keeps other encoders away. It
     * holds vectors of one model, 36 + 4 d_l bytes for each different text.
     *
     * @param cache the file
     * @return this builder
     * @throws IllegalArgumentException if it is a folder, device or pipe
     */
    @CanIgnoreReturnValue
    public Builder cache(Path cache) {
      AtomicFile.requireRegular(cache);
      this.cache = cache;
      return this;
    }

    /**
     * Sets the name under which the cache keeps the model's vectors; the default is the name that
     * the model reports, or else the name of its class if that can be created without arguments and
     * so is always the same model. Include in it what changes the vectors: width, quantisation, a
     * prefix of texts.
     *
     * @param modelName the name, not blank, of at most 4096 bytes in UTF-8
     * @return this builder
     * @throws IllegalArgumentException if the name is blank or longer
     */
    @CanIgnoreReturnValue
    public Builder modelName(String modelName) {
      checkArgument(!modelName.isBlank(), "modelName must not be blank, found '%s'", modelName);
      int bytes = modelName.getBytes(StandardCharsets.UTF_8).length;
      checkArgument(
          bytes <= CacheHeader.MOST_NAME,
          "modelName must have at most %s bytes, found %s",
          CacheHeader.MOST_NAME,
          bytes);
      this.modelName = modelName;
      return this;
    }

    /**
     * Sets whether a call leaves in the cache the vectors of its own texts only; the default is
     * false. Set it where every call encodes the whole catalogue: then texts that are no longer
     * sold do not pile up.
     *
     * @param pruneCache true to drop what a call did not use
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder pruneCache(boolean pruneCache) {
      this.pruneCache = pruneCache;
      return this;
    }

    /** Replaces the waits, for tests. */
    @CanIgnoreReturnValue
    Builder pause(Backoff.Pause pause) {
      this.pause = pause;
      return this;
    }

    /**
     * Builds the encoder.
     *
     * @return the encoder
     * @throws IllegalArgumentException if there is a cache but no name for the model: it reports
     *     none and its class may be any model
     */
    public TextEncoder build() {
      Optional<String> name = Optional.ofNullable(modelName).or(this::ownName);
      checkArgument(
          cache == null || name.isPresent(),
          "modelName must be set for a cache: the model of %s reports no name",
          model.getClass());
      return new TextEncoder(this, name.orElse(model.getClass().getName()));
    }

    private Optional<String> ownName() {
      String reported = model.modelName();
      if (reported != null && !reported.isBlank() && !reported.equals(UNKNOWN)) {
        return Optional.of(reported);
      }
      boolean isOneModel =
          Arrays.stream(model.getClass().getConstructors())
              .mapToInt(Constructor::getParameterCount)
              .anyMatch(count -> count == 0);
      return isOneModel ? Optional.of(model.getClass().getName()) : Optional.empty();
    }
  }
}
