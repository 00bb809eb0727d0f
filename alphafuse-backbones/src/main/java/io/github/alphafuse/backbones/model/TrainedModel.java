package io.github.alphafuse.backbones.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ranking model with what training leaves beside its weights: the provenance and the fallback.
 *
 * <p>Not thread-safe while it is trained.
 */
public abstract class TrainedModel implements RankingModel {
  private @Nullable Provenance provenance;
  private @Nullable Fallback fallback;

  /** A model that was not trained. */
  protected TrainedModel() {}

  @Override
  public final Optional<Provenance> provenance() {
    return Optional.ofNullable(provenance);
  }

  @Override
  public final void provenance(Provenance trained) {
    this.provenance = trained;
  }

  @Override
  public final Optional<Fallback> fallback() {
    return Optional.ofNullable(fallback);
  }

  @Override
  public final void fallback(Fallback ranking) {
    checkArgument(
        ranking.itemCount() == vocabulary().size(),
        "fallback must rank the model's %s items, found %s",
        vocabulary().size(),
        ranking);
    this.fallback = ranking;
  }

  /**
   * Takes what training left beside the weights of another model. The fallback is taken if the
   * items of the other model are the first of this one.
   *
   * @param trained the other model
   */
  protected final void takeTraining(TrainedModel trained) {
    provenance = trained.provenance;
    fallback =
        trained.fallback == null || !begins(vocabulary(), trained.vocabulary())
            ? null
            : trained.fallback.withItemCount(vocabulary().size());
  }

  private static boolean begins(ItemVocabulary all, ItemVocabulary first) {
    if (all == first) {
      return true;
    }
    for (int row = 0; row < first.size(); row++) {
      if (row >= all.size() || !all.id(row).equals(first.id(row))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes what training left beside the weights.
   *
   * @param archive the model's archive
   */
  protected final void writeTraining(ArchiveWriter archive) {
    if (provenance != null) {
      provenance.write(archive);
    }
    if (fallback != null) {
      fallback.write(archive);
    }
  }

  /**
   * Reads what training left beside the weights.
   *
   * @param archive the model's archive
   */
  protected final void readTraining(ArchiveReader archive) {
    provenance = Provenance.read(archive).orElse(null);
    fallback = Fallback.read(archive, vocabulary().size()).orElse(null);
  }
}
