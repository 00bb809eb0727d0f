package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.SplittableRandom;

/**
 * The trained weights of a diffusion in addition to those of its encoder, by name. Linear weights
 * have shape [out, in]:
 *
 * <pre>
 * none                              [1, r]      the condition of a user about whom nothing is known
 * time.inner.weight, .bias          [d, 256], [d]
 * time.outer.weight, .bias          [d, d], [d]
 * denoiser.weight, .bias            [r, 2r + d], [r]                        (linear)
 * denoiser.inner.weight, .bias      [2r, 2r + d], [2r]                      (MLP)
 * denoiser.outer.weight, .bias      [r, 2r], [r]                            (MLP)
 * </pre>
 *
 * <p>The denoiser's input is the noised row, the condition and the embedded time side by side.
 * Legend: d width of a view of item rows, r width of a row: d, or 2d if rows are two views. Reading
 * is thread-safe while nothing is written.
 */
final class DreamRecWeights {
  static final String NONE = "none";
  static final String TIME_INNER = "time.inner";
  static final String TIME_OUTER = "time.outer";
  static final String DENOISER = "denoiser";
  static final String DENOISER_INNER = "denoiser.inner";
  static final String DENOISER_OUTER = "denoiser.outer";

  private final Denoiser denoiser;
  private final ImmutableMap<String, Tensor> byName;

  private DreamRecWeights(Denoiser denoiser, ImmutableMap<String, Tensor> byName) {
    this.denoiser = denoiser;
    this.byName = byName;
  }

  /** The widths and the type of weights. */
  record Like(int dim, int rowDim, ElementType type) {
    /** Those that fit an encoder. */
    static Like of(EncoderWeights encoder) {
      return new Like(
          encoder.config().dim(),
          encoder.config().rowDim(),
          encoder.get(EncoderWeights.POSITION).elementType());
    }
  }

  static DreamRecWeights initial(Denoiser denoiser, Like like, SplittableRandom random) {
    int d = like.dim();
    int row = like.rowDim();
    int in = 2 * row + d;
    ElementType type = like.type();
    ImmutableMap.Builder<String, Tensor> weights = ImmutableMap.builder();
    Tensor none = Tensor.zeros(type, 1, row);
    for (int i = 0; i < row; i++) {
      none.set(i, random.nextGaussian());
    }
    weights.put(NONE, none);
    putLinear(weights, TIME_INNER, Tensor.zeros(type, d, TimestepEmbedding.WIDTH), random);
    putLinear(weights, TIME_OUTER, Tensor.zeros(type, d, d), random);
    if (denoiser == Denoiser.LINEAR) {
      putLinear(weights, DENOISER, Tensor.zeros(type, row, in), random);
    } else {
      putLinear(weights, DENOISER_INNER, Tensor.zeros(type, 2 * row, in), random);
      putLinear(weights, DENOISER_OUTER, Tensor.zeros(type, row, 2 * row), random);
    }
    return new DreamRecWeights(denoiser, weights.buildOrThrow());
  }

  private static void putLinear(
      ImmutableMap.Builder<String, Tensor> weights,
      String layer,
      Tensor weight,
      SplittableRandom random) {
    double bound = 1 / Math.sqrt(weight.shape(1));
    Tensor bias = Tensor.zeros(weight.elementType(), weight.shape(0));
    for (Tensor tensor : new Tensor[] {weight, bias}) {
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, (2 * random.nextDouble() - 1) * bound);
      }
    }
    weights.put(layer + ".weight", weight).put(layer + ".bias", bias);
  }

  /**
   * The kind of denoiser.
   *
   * @return linear or MLP
   */
  public Denoiser denoiser() {
    return denoiser;
  }

  /**
   * All weights by name.
   *
   * @return the live weights, in a fixed order
   */
  public ImmutableMap<String, Tensor> asMap() {
    return byName;
  }

  /**
   * One weight.
   *
   * @param name its name
   * @return the live weight
   * @throws IllegalArgumentException if there is none of that name
   */
  public Tensor get(String name) {
    Tensor weight = byName.get(name);
    checkArgument(weight != null, "there is no weight '%s', only %s", name, byName.keySet());
    return weight;
  }

  DreamRecWeights copy() {
    ImmutableMap.Builder<String, Tensor> copies = ImmutableMap.builder();
    byName.forEach((name, weight) -> copies.put(name, weight.copy()));
    return new DreamRecWeights(denoiser, copies.buildOrThrow());
  }

  void write(ArchiveWriter archive) {
    archive.setting("denoiser", denoiser);
    byName.forEach(archive::array);
  }

  static DreamRecWeights read(ArchiveReader archive, Like like) {
    archive.requireNumbers("dim", like.rowDim(), 2L * like.rowDim() + like.dim());
    DreamRecWeights weights =
        initial(archive.enumSetting("denoiser", Denoiser.class), like, new SplittableRandom(0));
    archive.readInto(weights.byName);
    return weights;
  }
}
