package io.github.alphafuse.backbones.preset;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.core.embedding.IdInitializer;
import java.util.Locale;
import java.util.Optional;

/**
 * The settings of the AlphaFuse paper: {@code Presets.alphaFuse().movies()}.
 *
 * <p>See: Hu et al., "AlphaFuse", SIGIR 2025, and the authors' guide.
 */
public final class Presets {
  private static final AlphaFuse ALPHA_FUSE = new AlphaFuse();
  private static final Diffusion DREAM_REC = new Diffusion();

  private Presets() {}

  /**
   * AlphaFuse on SASRec.
   *
   * @return its presets
   */
  public static AlphaFuse alphaFuse() {
    return ALPHA_FUSE;
  }

  /**
   * AlphaFuse on DreamRec.
   *
   * @return its presets
   */
  public static Diffusion dreamRec() {
    return DREAM_REC;
  }

  /**
   * Every preset.
   *
   * @return those of SASRec before those of DreamRec
   */
  public static ImmutableList<Preset> all() {
    return ImmutableList.of(
        ALPHA_FUSE.movies(),
        ALPHA_FUSE.toys(),
        ALPHA_FUSE.sports(),
        ALPHA_FUSE.yelp(),
        ALPHA_FUSE.fashion(),
        ALPHA_FUSE.beauty(),
        DREAM_REC.movies(),
        DREAM_REC.toys(),
        DREAM_REC.sports(),
        DREAM_REC.beauty());
  }

  /**
   * A preset by its name.
   *
   * @param name for example {@code alphafuse-movies} or {@code dreamrec-toys}, in any case
   * @return the preset
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Preset named(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
    Optional<Preset> found =
        all().stream().filter(preset -> preset.name().equals(wanted)).findFirst();
    checkArgument(
        found.isPresent(),
        "expected one of the presets %s, found '%s'",
        all().stream().map(Preset::name).toList(),
        name);
    return found.get();
  }

  /** Presets of AlphaFuse on SASRec. Immutable and thread-safe. */
  public static final class AlphaFuse {
    private AlphaFuse() {}

    private static SasRecPreset preset(String data, double learningRate, IdInitializer ids) {
      return new SasRecPreset(
          "alphafuse-" + data, 128, 64, ids, learningRate, InfoNce.withNegatives(64));
    }

    /**
     * Amazon Movies and TV, cold-start users.
     *
     * @return learning rate 1e-3, IDs from zeros
     */
    public SasRecPreset movies() {
      return preset("movies", 1e-3, IdInitializer.zeros());
    }

    /**
     * Amazon Toys and Games, cold-start users.
     *
     * @return learning rate 1e-3, IDs from normal values
     */
    public SasRecPreset toys() {
      return preset("toys", 1e-3, IdInitializer.normal());
    }

    /**
     * Amazon Sports and Outdoors, cold-start users.
     *
     * @return learning rate 1e-2, IDs from normal values
     */
    public SasRecPreset sports() {
      return preset("sports", 1e-2, IdInitializer.normal());
    }

    /**
     * Yelp, long-tail protocol.
     *
     * @return learning rate 1e-4, IDs from zeros
     */
    public SasRecPreset yelp() {
      return preset("yelp", 1e-4, IdInitializer.zeros());
    }

    /**
     * Amazon Fashion, long-tail protocol.
     *
     * @return learning rate 1e-4, IDs from zeros
     */
    public SasRecPreset fashion() {
      return preset("fashion", 1e-4, IdInitializer.zeros());
    }

    /**
     * Amazon Beauty, long-tail protocol.
     *
     * @return learning rate 1e-4, IDs from zeros
     */
    public SasRecPreset beauty() {
      return preset("beauty", 1e-4, IdInitializer.zeros());
    }
  }

  /** Presets of AlphaFuse on DreamRec. Immutable and thread-safe. */
  public static final class Diffusion {
    private Diffusion() {}

    private static DreamRecPreset preset(String data, int languageDim) {
      return new DreamRecPreset(
          "dreamrec-" + data, languageDim, 0.25, IdInitializer.normal(), 1e-5, DiffusionLoss.L2);
    }

    /**
     * Amazon Movies and TV.
     *
     * @return for text of 1536 columns (text-embedding-3-small)
     */
    public DreamRecPreset movies() {
      return preset("movies", 1536);
    }

    /**
     * Amazon Toys and Games.
     *
     * @return for text of 3072 columns (text-embedding-3-large)
     */
    public DreamRecPreset toys() {
      return preset("toys", 3072);
    }

    /**
     * Amazon Sports and Outdoors.
     *
     * @return for text of 3072 columns (text-embedding-3-large); one of the authors' tables has
     *     1536 (text-embedding-3-small)
     */
    public DreamRecPreset sports() {
      return preset("sports", 3072);
    }

    /**
     * Amazon Beauty.
     *
     * @return for text of 3072 columns (text-embedding-3-large)
     */
    public DreamRecPreset beauty() {
      return preset("beauty", 3072);
    }
  }
}
