package io.github.alphafuse.backbones.encoder;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The trained weights of a sequence encoder, by name.
 *
 * <p>Every engine computes from these weights. Linear weights have shape [out, in]. Names, for
 * block b from 0:
 *
 * <pre>
 * position_embedding                       [L, d]
 * blocks.b.attention_norm.weight, .bias    [d]       before the queries
 * blocks.b.query.weight, .bias             [d, d], [d]
 * blocks.b.key.weight, .bias               [d, d], [d]
 * blocks.b.value.weight, .bias             [d, d], [d]
 * blocks.b.feed_forward_norm.weight, .bias [d]       before the feed-forward network
 * blocks.b.inner.weight, .bias             [d, d], [d]
 * blocks.b.outer.weight, .bias             [d, d], [d]
 * blocks.b.output_norm.weight, .bias       [d]       of the feed-forward network with its residual
 * final_norm.weight, .bias                 [d]
 * </pre>
 *
 * <p>If item rows are two views, there are also these weights, for a = text_to_id and id_to_text:
 *
 * <pre>
 * a.query.weight, a.key.weight, a.value.weight [d, d]  of the cross-attention, without bias
 * a.output.weight, .bias                   [d, d], [d]
 * </pre>
 *
 * <p>Legend: L positions, d width of a view. Reading is thread-safe while nothing is written.
 */
public final class EncoderWeights {
  /** The name of the positional embedding. */
  public static final String POSITION = "position_embedding";

  /** The name of the last layer normalisation, without {@code .weight} or {@code .bias}. */
  public static final String FINAL_NORM = "final_norm";

  /**
   * The prefix of the weights of the attention of text to IDs, for the first half of the user
   * vector. Text gives the queries.
   */
  public static final String TEXT_TO_ID = "text_to_id";

  /**
   * The prefix of the weights of the attention of IDs to text, for the second half of the user
   * vector. IDs give the queries.
   */
  public static final String ID_TO_TEXT = "id_to_text";

  private static final long STREAM = 0x656E636F646572L;

  private final EncoderConfig config;
  private final ImmutableMap<String, Tensor> byName;

  private EncoderWeights(EncoderConfig config, ImmutableMap<String, Tensor> byName) {
    this.config = config;
    this.byName = byName;
  }

  /**
   * Start weights: linear layers uniform in +-1/sqrt(d), weights and biases; the positional
   * embedding from N(0, 1); layer normalisations 1 and 0.
   *
   * @param config the sizes
   * @param type the type of the numbers
   * @param seed the seed of the start
   * @return the weights
   */
  public static EncoderWeights initial(EncoderConfig config, ElementType type, long seed) {
    return initial(config, type, new Start(seed, 1));
  }

  /**
   * The start of weights.
   *
   * @param seed the seed of random numbers
   * @param positionScale the standard deviation of the positional embedding, positive
   */
  public record Start(long seed, double positionScale) {
    /**
     * Checks the range.
     *
     * @param seed the seed of random numbers
     * @param positionScale the standard deviation of the positional embedding, positive
     * @throws IllegalArgumentException if positionScale is not positive and finite
     */
    public Start {
      checkArgument(
          positionScale > 0 && Double.isFinite(positionScale),
          "positionScale must be positive and finite, found %s",
          positionScale);
    }
  }

  /**
   * Start weights whose positional embedding is from N(0, positionScale^2).
   *
   * @param config the sizes
   * @param type the type of the numbers
   * @param start the start of the weights
   * @return the weights
   */
  public static EncoderWeights initial(EncoderConfig config, ElementType type, Start start) {
    // A stream of its own: item tables start from the same seeds.
    SplittableRandom random = new SplittableRandom(start.seed() ^ STREAM);
    int d = config.dim();
    ImmutableMap.Builder<String, Tensor> weights = ImmutableMap.builder();
    Tensor positions = Tensor.zeros(type, config.maxLength(), d);
    for (int i = 0; i < positions.size(); i++) {
      positions.set(i, start.positionScale() * random.nextGaussian());
    }
    weights.put(POSITION, positions);
    for (int b = 0; b < config.blocks(); b++) {
      putNorm(weights, block(b, "attention_norm"), type, d);
      for (String layer : new String[] {"query", "key", "value"}) {
        putLinear(weights, block(b, layer), type, d, random);
      }
      putNorm(weights, block(b, "feed_forward_norm"), type, d);
      putLinear(weights, block(b, "inner"), type, d, random);
      putLinear(weights, block(b, "outer"), type, d, random);
      putNorm(weights, block(b, "output_norm"), type, d);
    }
    putNorm(weights, FINAL_NORM, type, d);
    if (config.views() != ItemViews.ONE) {
      for (String attention : new String[] {TEXT_TO_ID, ID_TO_TEXT}) {
        for (String layer : new String[] {".query", ".key", ".value"}) {
          weights.put(attention + layer + ".weight", uniform(Tensor.zeros(type, d, d), random));
        }
        putLinear(weights, attention + ".output", type, d, random);
      }
    }
    return new EncoderWeights(config, weights.buildOrThrow());
  }

  /**
   * The name of a layer of a block, without {@code .weight} or {@code .bias}.
   *
   * @param block the block, from 0
   * @param layer the layer
   * @return the name
   */
  public static String block(int block, String layer) {
    return "blocks." + block + "." + layer;
  }

  private static void putNorm(
      ImmutableMap.Builder<String, Tensor> weights, String name, ElementType type, int d) {
    Tensor gain = Tensor.zeros(type, d);
    gain.fill(1);
    weights.put(name + ".weight", gain).put(name + ".bias", Tensor.zeros(type, d));
  }

  private static void putLinear(
      ImmutableMap.Builder<String, Tensor> weights,
      String name,
      ElementType type,
      int d,
      RandomGenerator random) {
    weights.put(name + ".weight", uniform(Tensor.zeros(type, d, d), random));
    weights.put(name + ".bias", uniform(Tensor.zeros(type, d), random));
  }

  /** Fills a tensor of layers whose number of inputs is the length of its last axis. */
  private static Tensor uniform(Tensor tensor, RandomGenerator random) {
    double bound = 1 / Math.sqrt(tensor.shape(tensor.rank() - 1));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, (2 * random.nextDouble() - 1) * bound);
    }
    return tensor;
  }

  /**
   * The sizes.
   *
   * @return the sizes
   */
  public EncoderConfig config() {
    return config;
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

  /**
   * A copy that later training does not change.
   *
   * @return the copy
   */
  public EncoderWeights copy() {
    ImmutableMap.Builder<String, Tensor> copies = ImmutableMap.builder();
    byName.forEach((name, weight) -> copies.put(name, weight.copy()));
    return new EncoderWeights(config, copies.buildOrThrow());
  }

  /**
   * Writes sizes and weights into an archive.
   *
   * @param archive a section of an archive
   */
  public void write(ArchiveWriter archive) {
    config.write(archive);
    byName.forEach(archive::array);
  }

  /**
   * Reads sizes and weights from an archive.
   *
   * @param archive the section that {@link #write} wrote
   * @param type the type of the numbers, the type that was written
   * @return the weights
   * @throws IllegalArgumentException if something is missing or does not fit
   */
  public static EncoderWeights read(ArchiveReader archive, ElementType type) {
    EncoderConfig config = EncoderConfig.read(archive);
    archive.requireNumbers("maxLength", config.maxLength(), config.dim());
    // The five square layers of each block.
    archive.requireNumbers("blocks", config.blocks(), 5, config.dim(), config.dim());
    EncoderWeights weights = initial(config, type, 0);
    archive.readInto(weights.byName);
    return weights;
  }

  /**
   * A short description.
   *
   * @return sizes and number of weights
   */
  @Override
  public String toString() {
    return "EncoderWeights[" + config + ", " + Arrays.toString(byName.keySet().toArray()) + "]";
  }
}
