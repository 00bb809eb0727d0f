package io.github.alphafuse.backbones.preset;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.train.LearningRateSchedule;
import io.github.alphafuse.core.embedding.IdInitializer;
import java.util.Locale;
import java.util.Optional;

/**
 * The settings of the papers, {@code Presets.alphaFuse().movies()}, and the recommended ones,
 * {@code Presets.recommended()}.
 *
 * <p>See: Hu et al., "AlphaFuse", SIGIR 2025, and the authors' guide; Sheng et al., "Language
 * Representations Can be What Recommenders Need", ICLR 2025.
 */
public final class Presets {
  private static final SasRecPreset RECOMMENDED =
      new SasRecPreset(
          "recommended",
          new SasRecPreset.Rows(128, 128, 0.3, IdInitializer.zeros(), true),
          new SasRecPreset.Encoder(0.2, 0.3, Similarity.COSINE),
          new SasRecPreset.Training(
              SampledSoftmax.withBatchTargets(512).temperature(0.1).excludesHistory(true),
              Positions.EVERY,
              5e-3,
              LearningRateSchedule.linear().warmUpAtMost(100),
              320,
              15,
              true));
  private static final AlphaFuse ALPHA_FUSE = new AlphaFuse();
  private static final Diffusion DREAM_REC = new Diffusion();

  private static final Graph GRAPH = new Graph();

  private Presets() {}

  /**
   * The settings to start from. Rows are the standardised text times 0.3 with d = d_n = 128, IDs
   * start from zeros, and dropout is 0.2. The model is trained at every position with the softmax
   * of cosines over 512 uniform items and the targets of the batch, without the items of the user's
   * history as negatives. Adam has rate 5e-3 with 100 steps of warm-up and a linear decay to 0 over
   * 15 epochs, with 320 sequences per batch. Items are ranked by cosine, and the best epoch is
   * chosen on the ranking without seen items.
   *
   * @return the preset, {@code recommended}
   */
  public static SasRecPreset recommended() {
    return RECOMMENDED;
  }

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
   * LightGCN and AlphaRec.
   *
   * @return their presets
   */
  public static Graph graph() {
    return GRAPH;
  }

  /**
   * Every preset of a sequence model.
   *
   * @return the recommended one, those of SASRec, and those of DreamRec
   */
  public static ImmutableList<Preset<?>> all() {
    return ImmutableList.of(
        RECOMMENDED,
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
   * @return the preset, a {@link SasRecPreset} or a {@link DreamRecPreset}
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Preset<?> named(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
    Optional<Preset<?>> found =
        all().stream().filter(preset -> preset.name().equals(wanted)).findFirst();
    checkArgument(
        found.isPresent(),
        "expected one of the presets %s, found '%s'",
        all().stream().map(Preset::name).toList(),
        name);
    return found.get();
  }

  /**
   * Every preset of a graph model.
   *
   * @return those of LightGCN before those of AlphaRec
   */
  public static ImmutableList<GraphPreset> allOfGraphs() {
    return ImmutableList.of(
        GRAPH.lightGcnMovies(),
        GRAPH.lightGcnBeauty(),
        GRAPH.lightGcnBeautyInfoNce(),
        GRAPH.lightGcnBaby(),
        GRAPH.lightGcnBabyInfoNce(),
        GRAPH.alphaRecMovies(),
        GRAPH.alphaRecBeauty(),
        GRAPH.alphaRecBaby());
  }

  /**
   * A preset of a graph model by its name.
   *
   * @param name for example {@code alpharec-movies} or {@code lightgcn-baby-infonce}, in any case
   * @return the preset
   * @throws IllegalArgumentException if there is none of this name
   */
  public static GraphPreset graphNamed(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
    Optional<GraphPreset> found =
        allOfGraphs().stream().filter(preset -> preset.name().equals(wanted)).findFirst();
    checkArgument(
        found.isPresent(),
        "expected one of the presets %s, found '%s'",
        allOfGraphs().stream().map(GraphPreset::name).toList(),
        name);
    return found.get();
  }

  /** Presets of AlphaFuse on SASRec. Immutable and thread-safe. */
  public static final class AlphaFuse {
    private AlphaFuse() {}

    private static SasRecPreset preset(String data, double learningRate, IdInitializer ids) {
      return new SasRecPreset(
          "alphafuse-" + data,
          new SasRecPreset.Rows(128, 64, 1, ids, false),
          new SasRecPreset.Encoder(0.1, 1, Similarity.INNER_PRODUCT),
          new SasRecPreset.Training(
              InfoNce.withNegatives(64),
              Positions.LAST,
              learningRate,
              LearningRateSchedule.constant(),
              256,
              500,
              false));
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

  /** Presets of graph models. Immutable and thread-safe. */
  public static final class Graph {
    private static final int EPOCHS = 500;

    private Graph() {}

    private static InfoNce contrast(double temperature) {
      return InfoNce.withNegatives(256).temperature(temperature);
    }

    /**
     * LightGCN under BPR on Movies.
     *
     * @return 2 layers, learning rate 1e-3, decay 1e-3
     */
    public LightGcnPreset lightGcnMovies() {
      return new LightGcnPreset("lightgcn-movies", 2, Bpr.create(), 1e-3, 1e-3, EPOCHS);
    }

    /**
     * LightGCN under BPR on Beauty.
     *
     * @return 3 layers, learning rate 1e-3, decay 1e-3
     */
    public LightGcnPreset lightGcnBeauty() {
      return new LightGcnPreset("lightgcn-beauty", 3, Bpr.create(), 1e-3, 1e-3, EPOCHS);
    }

    /**
     * LightGCN under InfoNCE on Beauty.
     *
     * @return 3 layers, learning rate 5e-4, decay 1e-2, temperature 0.15
     */
    public LightGcnPreset lightGcnBeautyInfoNce() {
      return new LightGcnPreset("lightgcn-beauty-infonce", 3, contrast(0.15), 5e-4, 1e-2, EPOCHS);
    }

    /**
     * LightGCN under BPR on Baby.
     *
     * @return decay 5e-3, 100 epochs; layers and learning rate as on Beauty
     */
    public LightGcnPreset lightGcnBaby() {
      return new LightGcnPreset("lightgcn-baby", 3, Bpr.create(), 1e-3, 5e-3, 100);
    }

    /**
     * LightGCN under InfoNCE on Baby.
     *
     * @return learning rate 1e-3, decay 1e-3, temperature 0.25; layers as on Beauty
     */
    public LightGcnPreset lightGcnBabyInfoNce() {
      return new LightGcnPreset("lightgcn-baby-infonce", 3, contrast(0.25), 1e-3, 1e-3, EPOCHS);
    }

    /**
     * AlphaRec on Movies.
     *
     * @return 2 layers, batch 4096, decay 1e-6, temperature 0.15
     */
    public AlphaRecPreset alphaRecMovies() {
      return new AlphaRecPreset("alpharec-movies", 2, contrast(0.15), 4096, 1e-6);
    }

    /**
     * AlphaRec on Beauty.
     *
     * @return 3 layers, batch 2048, no decay, temperature 0.15
     */
    public AlphaRecPreset alphaRecBeauty() {
      return new AlphaRecPreset("alpharec-beauty", 3, contrast(0.15), 2048, 0);
    }

    /**
     * AlphaRec on Baby.
     *
     * @return 3 layers, batch 2048, no decay, temperature 0.25
     */
    public AlphaRecPreset alphaRecBaby() {
      return new AlphaRecPreset("alpharec-baby", 3, contrast(0.25), 2048, 0);
    }
  }
}
