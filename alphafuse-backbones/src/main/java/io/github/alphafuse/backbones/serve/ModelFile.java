package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkState;

import io.github.alphafuse.backbones.model.RankingModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A file whose model is served, and what was found there last.
 *
 * <p>Not thread-safe.
 */
final class ModelFile {
  private static final long LONGEST_DELAY = TimeUnit.MINUTES.toNanos(10);

  private final Path path;
  private final long interval;

  /** What was looked at last. */
  private FileState seen = new FileState("");

  /** Why it is not served, if it is not. */
  private Optional<String> refusal = Optional.empty();

  private long delay;
  private long refusedAt;

  ModelFile(Path path, Duration interval) {
    this.path = path;
    this.interval = interval.toNanos();
  }

  /** A model and the checksum of its file. */
  record Loaded(RankingModel model, String checksum) {}

  Path path() {
    return path;
  }

  /** Whether the file changed since it was looked at, or it is time to try it again. */
  boolean isDue() {
    return !FileState.of(path).equals(seen)
        || (refusal.isPresent() && System.nanoTime() - refusedAt >= delay);
  }

  /** Loads the model of the file, unless it has a checksum. */
  Optional<Loaded> loadUnless(String checksum) {
    FileState state = FileState.of(path);
    if (!state.equals(seen)) {
      seen = state;
      refusal = Optional.empty();
      delay = interval;
    }
    String found = SavedModel.checksum(path);
    if (found.equals(checksum)) {
      return Optional.empty();
    }
    RankingModel model = SavedModel.load(path);
    checkState(
        SavedModel.checksum(path).equals(found) && FileState.of(path).equals(seen),
        "%s was changed while it was read",
        path);
    return Optional.of(new Loaded(model, found));
  }

  /** Notes that the file is served. */
  void served() {
    refusal = Optional.empty();
    delay = interval;
  }

  /** Notes that the file is not served; returns whether that is news. */
  boolean refused(Throwable failure) {
    boolean isNew = !refusal.equals(Optional.of(failure.toString()));
    refusal = Optional.of(failure.toString());
    refusedAt = System.nanoTime();
    delay = isNew ? interval : Math.min(2 * delay, Math.max(interval, LONGEST_DELAY));
    return isNew;
  }
}
