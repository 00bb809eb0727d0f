package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recommender whose model, items and standing filter change while it answers.
 *
 * <p>Every answer is that of one version of the model, which it names. A new version is built while
 * the old one goes on answering, then takes over at once; the old one is closed after its last
 * request. If the new version cannot be built, the old one goes on.
 *
 * <p>A file is watched by looking at it from time to time, so it may be replaced by a rename, by
 * another target of a link, or by a copy, on any file system. A file that is missing, damaged or
 * half written is refused and logged, and tried again.
 *
 * <p>Thread-safe. Close it when it is no longer used.
 */
public final class LiveRecommender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRecommender.class);

  private final boolean excludeSeen;
  private final boolean keepText;
  private final Optional<Path> addedItemsFile;
  private final Optional<ModelFile> file;
  private final Optional<ScheduledExecutorService> watcher;
  private final ServingCounters counters = new ServingCounters();

  /** Orders the changes of the version. Requests never take it. */
  private final Lock changes = new ReentrantLock();

  @GuardedBy("changes")
  private final List<LiveVersion> versions = new ArrayList<>();

  private volatile AddedItems added;
  private volatile Optional<ItemFilter> standing = Optional.empty();
  private volatile LiveVersion current;
  private volatile boolean closed;

  private LiveRecommender(Builder options, Optional<ModelFile> file, ModelFile.Loaded first) {
    this.excludeSeen = options.excludeSeen;
    this.keepText = options.keepText;
    this.addedItemsFile = options.addedItems;
    AddedItems restored =
        addedItemsFile
            .filter(path -> !Files.notExists(path))
            .map(AddedItems::read)
            .orElse(AddedItems.NONE);
    this.added = restored.unknownTo(first.model().vocabulary());
    this.current = built(first.model(), first.checksum(), added);
    versions.add(current);
    this.file = file;
    this.watcher =
        options.watch && file.isPresent()
            ? Optional.of(watch(options.interval.toNanos()))
            : Optional.empty();
  }

  private ScheduledExecutorService watch(long nanos) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("alphafuse-watch").build());
    thread.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
    return thread;
  }

  /**
   * A recommender from a saved model that is watched, with the defaults of {@link #builder}.
   *
   * @param file the model's file
   * @return the recommender
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws UncheckedIOException if it cannot be read
   */
  public static LiveRecommender watch(Path file) {
    return builder(file).build();
  }

  /**
   * A recommender without a file, whose model changes by {@link #swap} alone.
   *
   * @param model a trained model, not to be trained while it is served here
   * @param version its version, not blank
   * @return the recommender
   * @throws IllegalArgumentException if the version is blank
   */
  public static LiveRecommender of(RankingModel model, String version) {
    requireVersion(version);
    return new LiveRecommender(
        new Builder(Optional.empty()), Optional.empty(), new ModelFile.Loaded(model, version));
  }

  /**
   * A builder with the default options.
   *
   * @param file the model's file, which may be a link
   * @return the builder
   */
  public static Builder builder(Path file) {
    return new Builder(Optional.of(file));
  }

  /**
   * The recommended next items of a user.
   *
   * @param history ids of the user's items, oldest first
   * @param count the number of wanted items, at least 1
   * @return the answer to {@link RecommendationRequest#of(List)}
   * @throws IllegalArgumentException as {@link Recommender#recommend(RecommendationRequest)}
   * @throws IllegalStateException if the recommender is closed
   */
  public Recommendations recommend(List<String> history, int count) {
    return recommend(RecommendationRequest.of(history).count(count));
  }

  /**
   * Answers a request by the version of the moment.
   *
   * @param request the request
   * @return the best items, best first
   * @throws IllegalArgumentException as {@link Recommender#recommend(RecommendationRequest)}
   * @throws IllegalStateException as {@link Recommender#recommend(RecommendationRequest)}
   */
  public Recommendations recommend(RecommendationRequest request) {
    return recommendAll(List.of(request)).get(0);
  }

  /**
   * Answers many requests at once, all by the same version and under the same standing filter.
   *
   * @param requests the requests
   * @return the answers, in their order
   * @throws IllegalArgumentException as {@link Recommender#recommendAll}
   * @throws IllegalStateException as {@link Recommender#recommendAll}
   */
  public ImmutableList<Recommendations> recommendAll(List<RecommendationRequest> requests) {
    long start = System.nanoTime();
    try {
      ImmutableList<Recommendations> answers =
          call(recommender -> recommender.recommendAll(requests));
      counters.answered(answers, System.nanoTime() - start);
      return answers;
    } catch (RuntimeException | Error e) {
      counters.failures.add(requests.size());
      throw e;
    }
  }

  /**
   * Calls the recommender of the moment, for what needs more than one answer of the same version:
   * its vocabulary, vectors, or several requests. The version stays open during the call. Its
   * requests are under the standing filter; they are not counted.
   *
   * @param <T> the type of the result
   * @param call the call, which neither keeps nor closes the recommender
   * @return its result
   * @throws IllegalStateException if this recommender is closed
   */
  public <T> T call(Function<Recommender, T> call) {
    LiveVersion version = enter();
    try {
      return call.apply(version.recommender());
    } finally {
      version.leave();
    }
  }

  private LiveVersion enter() {
    while (true) {
      LiveVersion version = current;
      requireOpen();
      if (version.enter()) {
        return version;
      }
      // Another version took over, and this one was closed, since it was read.
      Thread.onSpinWait();
    }
  }

  private void requireOpen() {
    checkState(!closed, "this recommender is closed");
  }

  /**
   * Sets which items may be recommended by any version, for all requests that are made from now on.
   * It holds beside the filters of a request. {@code ItemFilter.deny(List.of())} lets all through,
   * which is the default.
   *
   * @param filter the items; for sold-out ones, an {@link ItemFilter#deny} of their ids
   */
  public void filter(ItemFilter filter) {
    // Looked up before it holds, so that no request waits for it.
    filter.rows(current.recommender().vocabulary());
    standing = Optional.of(filter);
  }

  /**
   * Adds new items, each by its text alone, behind those of the model. They are recommended and may
   * be in histories as soon as this method returns. They are added to each later model again, until
   * one knows them. Items that are added together cost as much as one.
   *
   * @param ids the ids of the new items, in the order of their text
   * @param text [M, d_l] their language rows, of the encoder that made the others'
   * @throws IllegalArgumentException if an id is known already or occurs twice, there are more of
   *     one than of the other, or the width of the text does not fit
   * @throws IllegalStateException if the model knows no item by its text alone, or the recommender
   *     is closed
   * @throws UncheckedIOException if the file of added items cannot be written; nothing is added
   */
  public void addItems(List<String> ids, LanguageEmbeddings text) {
    changes.lock();
    try {
      requireOpen();
      LiveVersion now = current;
      now.recommender().vocabulary().withNewItems(ids, text);
      AddedItems all = added.with(ids, text);
      LiveVersion next = built(now.model(), now.base(), all);
      try {
        addedItemsFile.ifPresent(all::write);
      } catch (RuntimeException | Error e) {
        next.leave();
        throw e;
      }
      takeOver(next, all);
    } finally {
      changes.unlock();
    }
  }

  /**
   * The items that were added and that the model does not know by itself.
   *
   * @return their ids, in the order in which they were added
   */
  public ImmutableList<String> addedItems() {
    return added.ids();
  }

  /**
   * Serves another model from now on, with the added items that it does not know. It may be of
   * another catalogue. If it cannot be served, the old one goes on. A file that is watched takes
   * over again when it changes.
   *
   * @param model a trained model, not to be trained while it is served here
   * @param version its version, not blank, and not that of the model that is served
   * @throws IllegalArgumentException if the version is blank or not new, or the text of the added
   *     items does not fit the model
   * @throws IllegalStateException if there are added items and the model knows no item by its text
   *     alone, or if the recommender is closed
   */
  public void swap(RankingModel model, String version) {
    requireVersion(version);
    changes.lock();
    try {
      requireOpen();
      checkArgument(
          !version.equals(current.base()),
          "version must not be that of the model that is served, found '%s'",
          version);
      serve(model, version);
    } finally {
      changes.unlock();
    }
  }

  private static void requireVersion(String version) {
    checkArgument(!version.isBlank(), "version must not be blank, found '%s'", version);
  }

  @GuardedBy("changes")
  private void serve(RankingModel model, String version) {
    AddedItems left = added.unknownTo(model.vocabulary());
    boolean fewer = left != added;
    takeOver(built(model, version, left), left);
    if (fewer) {
      try {
        addedItemsFile.ifPresent(left::write);
      } catch (UncheckedIOException e) {
        // It names items that the model knows, which are left out when it is read.
        LOG.warn("the added items are not saved: {}", e.toString());
      }
    }
  }

  private LiveVersion built(RankingModel model, String version, AddedItems items) {
    Recommender recommender =
        Recommender.builder(items.addedTo(model))
            .excludeSeen(excludeSeen)
            .keepText(keepText)
            .version(items.ids().isEmpty() ? version : version + "+" + items.ids().size())
            .standing(() -> standing)
            .build();
    LiveVersion next = new LiveVersion(model, version, recommender);
    try {
      standing.ifPresent(filter -> filter.rows(recommender.vocabulary()));
      return next;
    } catch (RuntimeException | Error e) {
      next.leave();
      throw e;
    }
  }

  @GuardedBy("changes")
  private void takeOver(LiveVersion next, AddedItems items) {
    LiveVersion last = current;
    added = items;
    current = next;
    counters.swaps.increment();
    versions.removeIf(LiveVersion::isClosed);
    versions.add(next);
    last.leave();
    LOG.info("{} is served, of {} items", version(), next.recommender().vocabulary().size());
  }

  /**
   * Looks at the file now.
   *
   * @return whether another model is served for it; false if it holds the one that is served, or
   *     cannot be served, which the {@link #statistics()} tell apart
   * @throws IllegalStateException if there is no file, or the recommender is closed
   */
  @CanIgnoreReturnValue
  public boolean reload() {
    checkState(file.isPresent(), "this recommender has no file to look at");
    changes.lock();
    try {
      requireOpen();
      return reload(file.get());
    } finally {
      changes.unlock();
    }
  }

  private void look() {
    changes.lock();
    try {
      if (!closed && file.get().isDue()) {
        reload(file.get());
      }
    } finally {
      changes.unlock();
    }
  }

  @GuardedBy("changes")
  private boolean reload(ModelFile given) {
    try {
      Optional<ModelFile.Loaded> loaded = given.loadUnless(current.base());
      loaded.ifPresent(found -> serve(found.model(), found.checksum()));
      given.served();
      return loaded.isPresent();
    } catch (RuntimeException | Error e) {
      counters.failedToReload(e);
      if (given.refused(e)) {
        LOG.warn("{} is not served, {} goes on: {}", given.path(), version(), e.toString());
      }
      return false;
    }
  }

  /**
   * The version that answers now.
   *
   * @return the checksum of the file, or the version of the last {@link #swap}; with added items,
   *     followed by their number, such as {@code 0badcafe+2}
   */
  public String version() {
    return current.recommender().version();
  }

  /**
   * What was done since this recommender was built.
   *
   * @return counts and times at this moment
   */
  public ServingStatistics statistics() {
    return new ServingStatistics(counters, current);
  }

  /**
   * Stops watching and waits for running calls. Later calls fail. Not to be called from within
   * {@link #call}.
   */
  @Override
  public void close() {
    List<LiveVersion> open;
    changes.lock();
    try {
      if (!closed) {
        closed = true;
        watcher.ifPresent(ScheduledExecutorService::shutdown);
        current.leave();
      }
      open = List.copyOf(versions);
    } finally {
      changes.unlock();
    }
    watcher.ifPresent(Uninterruptibles::awaitTerminationUninterruptibly);
    open.forEach(LiveVersion::awaitClosed);
  }

  /** Options of a {@link LiveRecommender}. Not thread-safe. */
  public static final class Builder {
    private final Optional<Path> path;
    private Duration interval = Duration.ofSeconds(10);
    private boolean watch = true;
    private boolean excludeSeen = true;
    private boolean keepText = true;
    private Optional<Path> addedItems = Optional.empty();

    private Builder(Optional<Path> path) {
      this.path = path;
    }

    /**
     * Sets how long to wait between two looks at the file. The default is 10 seconds.
     *
     * @param interval the time, positive
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    @CanIgnoreReturnValue
    public Builder interval(Duration interval) {
      checkArgument(
          !interval.isZero() && !interval.isNegative(),
          "interval must be positive, found %s",
          interval);
      this.interval = interval;
      return this;
    }

    /**
     * Sets whether the file is looked at by itself. The default is true; otherwise only {@link
     * LiveRecommender#reload} looks.
     *
     * @param watch whether it is
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder watch(boolean watch) {
      this.watch = watch;
      return this;
    }

    /**
     * Sets whether items of the history are left out. The default is true. A request may decide
     * otherwise.
     *
     * @param excludeSeen whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder excludeSeen(boolean excludeSeen) {
      this.excludeSeen = excludeSeen;
      return this;
    }

    /**
     * Sets whether the frozen text of the items is kept for explanations and the search by text, as
     * {@link Recommender.Builder#keepText}. The default is true.
     *
     * @param keepText whether it is
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder keepText(boolean keepText) {
      this.keepText = keepText;
      return this;
    }

    /**
     * Sets the file that keeps added items over a restart. If it exists, its items are added when
     * the recommender is built. The default is none.
     *
     * @param addedItems the file, which one recommender alone writes
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder addedItems(Path addedItems) {
      this.addedItems = Optional.of(checkNotNull(addedItems, "addedItems"));
      return this;
    }

    /**
     * Loads the model and builds the recommender.
     *
     * @return the recommender
     * @throws IllegalArgumentException if a file is damaged, of another kind or of a newer version,
     *     or the added items do not fit the model
     * @throws IllegalStateException if there are added items and the model knows no item by its
     *     text alone
     * @throws UncheckedIOException if a file cannot be read
     */
    public LiveRecommender build() {
      ModelFile file = new ModelFile(path.orElseThrow(), interval);
      ModelFile.Loaded loaded = file.loadUnless("").orElseThrow();
      file.served();
      return new LiveRecommender(this, Optional.of(file), loaded);
    }
  }
}
