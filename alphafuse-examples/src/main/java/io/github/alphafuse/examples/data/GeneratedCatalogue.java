package io.github.alphafuse.examples.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UserRatioSplit;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random catalogue that behaves like a real one. Its items have titles and language embeddings,
 * and text explains only a part of what users take next.
 *
 * <p>It is made of:
 *
 * <ul>
 *   <li><b>Text.</b> Items belong to departments and, within them, to topics. An embedding is a
 *       common mean plus the item's department, topic and own noise, on axes whose variance decays
 *       like a power law, turned by a random rotation; rows are float32 and of unequal norm, about
 *       10 on average. A title names the topic and the department.
 *   <li><b>Co-purchase.</b> Every item has a few successors, drawn at random and independent of
 *       text: these are items bought together although their descriptions do not suggest it.
 *   <li><b>Popularity.</b> Demand for items follows Zipf's law.
 *   <li><b>Users.</b> A user starts with an item by popularity. The next one is, with given
 *       probabilities, a successor of the last item, an item of similar text, or any item by
 *       popularity. No user buys an item twice.
 * </ul>
 *
 * <p>The same seed always gives the same catalogue. Immutable and thread-safe.
 */
public final class GeneratedCatalogue {
  private static final ImmutableList<String> DEPARTMENTS =
      ImmutableList.of(
          "kettle",
          "lamp",
          "backpack",
          "novel",
          "guitar",
          "jigsaw",
          "tent",
          "camera",
          "teapot",
          "sweater",
          "drill",
          "notebook",
          "bicycle",
          "telescope",
          "blanket",
          "keyboard",
          "paddle",
          "cookbook",
          "racket",
          "clock",
          "planter",
          "headset",
          "sandals",
          "easel");
  private static final ImmutableList<String> TOPICS =
      ImmutableList.of(
          "travel", "vintage", "children's", "studio", "compact", "outdoor", "silent", "classic");
  private static final int SUCCESSORS = 2;
  private static final int NEIGHBOURS = 20;
  private static final double DECAY = 0.8;
  private static final double TOPIC_SPREAD = 0.7;
  private static final double ITEM_SPREAD = 0.5;
  private static final double ZIPF = 0.7;
  private static final double FIRST_SUCCESSOR = 0.7;

  private final LanguageEmbeddings embeddings;
  private final ImmutableList<String> titles;
  private final SequenceDataset sequences;
  private final long seed;

  private GeneratedCatalogue(Builder options) {
    this.seed = options.seed;
    SplittableRandom random = new SplittableRandom(options.seed);
    int[] groups = groups(options.items, random.split());
    float[] meaning = meaning(groups, options.dim, random.split());
    this.embeddings = embed(meaning, options.dim, random.split());
    this.titles = titles(groups);
    Demand demand = new Demand(options, meaning, random.split());
    ItemVocabulary vocabulary = ItemVocabulary.ofRows(options.items);
    List<UserSequence> users = new ArrayList<>();
    SplittableRandom walks = random.split();
    for (int user = 0; user < options.users; user++) {
      users.add(UserSequence.of("u" + user, demand.walk(walks.split())));
    }
    this.sequences = SequenceDataset.of(vocabulary, users);
  }

  /**
   * Returns a builder with defaults for a small catalogue: 1,500 items, embeddings of 64 numbers,
   * 10,000 users and seed 22.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The language embeddings.
   *
   * @return [N, d_l], float32
   */
  public LanguageEmbeddings embeddings() {
    return embeddings;
  }

  /**
   * The titles.
   *
   * @return N titles in row order, all different
   */
  public ImmutableList<String> titles() {
    return titles;
  }

  /**
   * The sequences of all users.
   *
   * @return one sequence per user
   */
  public SequenceDataset sequences() {
    return sequences;
  }

  /**
   * Splits the users 8:1:1, as in the cold-start setting, in which test users are not trained on.
   *
   * @return the split
   */
  public DatasetSplit split() {
    return UserRatioSplit.create().seed(seed).split(sequences);
  }

  /**
   * Writes a folder of data: {@code item_embeddings.npy}, {@code items.tsv}, {@code sequences.tsv}
   * and the split in {@code train.txt}, {@code valid.txt} and {@code test.txt}.
   *
   * @param folder the folder, created if it does not exist; files with these names are replaced
   * @throws UncheckedIOException if it cannot be written; the message names the file
   */
  public void write(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw FileFailure.of("cannot make the folder " + folder, e);
    }
    NpyWriter.write(folder.resolve("item_embeddings.npy"), embeddings.toTensor());
    List<String> items = new ArrayList<>(List.of("row\ttitle"));
    for (int row = 0; row < titles.size(); row++) {
      items.add(row + "\t" + titles.get(row));
    }
    writeLines(folder.resolve("items.tsv"), items);
    writeLines(
        folder.resolve("sequences.tsv"),
        sequences.sequences().stream().map(s -> s.user() + "\t" + line(s.items())).toList());
    DatasetSplit split = split();
    writeExamples(folder.resolve("train.txt"), split.train());
    writeExamples(folder.resolve("valid.txt"), split.validation());
    writeExamples(folder.resolve("test.txt"), split.test());
  }

  private static void writeExamples(Path file, Examples examples) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      lines.add(line(examples.history(i)) + " " + examples.target(i));
    }
    writeLines(file, lines);
  }

  private static void writeLines(Path file, List<String> lines) {
    byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(text));
  }

  private static String line(int[] items) {
    StringBuilder line = new StringBuilder();
    for (int item : items) {
      line.append(line.isEmpty() ? "" : " ").append(item);
    }
    return line.toString();
  }

  /** The group of each item: its department times the number of topics, plus its topic. */
  private static int[] groups(int items, SplittableRandom random) {
    int count = DEPARTMENTS.size() * TOPICS.size();
    int[] groups = new int[items];
    for (int i = 0; i < items; i++) {
      groups[i] = random.nextInt(count);
    }
    return groups;
  }

  private static ImmutableList<String> titles(int[] groups) {
    ImmutableList.Builder<String> titles = ImmutableList.builder();
    int[] made = new int[DEPARTMENTS.size() * TOPICS.size()];
    for (int group : groups) {
      made[group]++;
      titles.add(
          TOPICS.get(group % TOPICS.size())
              + " "
              + DEPARTMENTS.get(group / TOPICS.size())
              + " no. "
              + made[group]);
    }
    return titles.build();
  }

  /** What items are about, [N, d_l], on axes in descending order of importance. */
  private static float[] meaning(int[] groups, int dim, SplittableRandom random) {
    double[] departments = gaussian(DEPARTMENTS.size() * dim, random);
    double[] topics = gaussian(DEPARTMENTS.size() * TOPICS.size() * dim, random);
    float[] meaning = new float[groups.length * dim];
    for (int i = 0; i < groups.length; i++) {
      int department = groups[i] / TOPICS.size();
      for (int k = 0; k < dim; k++) {
        double x =
            departments[department * dim + k]
                + TOPIC_SPREAD * topics[groups[i] * dim + k]
                + ITEM_SPREAD * random.nextGaussian();
        // Standard deviations: the variance decays as k^-(2 DECAY).
        meaning[i * dim + k] = (float) (x * Math.pow(k + 1.0, -DECAY));
      }
    }
    return meaning;
  }

  /**
   * Language embeddings: the meaning on rotated axes, shifted from the origin, in rows of unequal
   * norm.
   */
  private static LanguageEmbeddings embed(float[] meaning, int dim, SplittableRandom random) {
    double[][] axes = rotation(dim, random);
    double[] mean = gaussian(dim, random);
    double factor = 8 / Math.sqrt(dim);
    float[] rows = new float[meaning.length];
    for (int i = 0; i < meaning.length / dim; i++) {
      double norm = Math.exp(0.1 * random.nextGaussian());
      for (int j = 0; j < dim; j++) {
        double x = factor * mean[j];
        for (int k = 0; k < dim; k++) {
          x += 3 * meaning[i * dim + k] * axes[k][j];
        }
        rows[i * dim + j] = (float) (norm * x);
      }
    }
    return LanguageEmbeddings.of(Tensor.of(rows, meaning.length / dim, dim));
  }

  /** Random orthonormal rows, by Gram and Schmidt. */
  private static double[][] rotation(int dim, SplittableRandom random) {
    double[][] axes = new double[dim][];
    for (int i = 0; i < dim; i++) {
      double[] axis = gaussian(dim, random);
      // Two passes, because one leaves rounding errors as large as the cancellation.
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          double along = dot(axis, axes[j]);
          for (int k = 0; k < dim; k++) {
            axis[k] -= along * axes[j][k];
          }
        }
      }
      double norm = Math.sqrt(dot(axis, axis));
      axes[i] = Arrays.stream(axis).map(x -> x / norm).toArray();
    }
    return axes;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static double[] gaussian(int count, SplittableRandom random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  /** Draws what users take next: successors, similar items or popular items. */
  private static final class Demand {
    private final int items;
    private final int length;
    private final double coPurchase;
    private final double similarity;
    private final double[] cumulativePopularity;
    private final int[] successors;
    private final int[] neighbours;

    Demand(Builder options, float[] meaning, SplittableRandom random) {
      this.items = options.items;
      this.length = options.length;
      this.coPurchase = options.coPurchase;
      this.similarity = options.similarity;
      this.cumulativePopularity = popularity(items, random);
      this.successors = new int[items * SUCCESSORS];
      for (int s = 0; s < SUCCESSORS; s++) {
        int[] order = permutation(items, random);
        for (int i = 0; i < items; i++) {
          // One cycle through all items, so each has one successor other than itself.
          successors[order[i] * SUCCESSORS + s] = order[(i + 1) % items];
        }
      }
      this.neighbours = neighbours(meaning, items);
    }

    private static double[] popularity(int items, SplittableRandom random) {
      int[] ranks = permutation(items, random);
      double[] cumulative = new double[items];
      double sum = 0;
      for (int i = 0; i < items; i++) {
        sum += Math.pow(ranks[i] + 1.0, -ZIPF);
        cumulative[i] = sum;
      }
      return cumulative;
    }

    private static int[] permutation(int size, SplittableRandom random) {
      int[] order = new int[size];
      for (int i = 0; i < size; i++) {
        int j = random.nextInt(i + 1);
        order[i] = order[j];
        order[j] = i;
      }
      return order;
    }

    /** The items nearest to each in meaning, [N, NEIGHBOURS], nearest first. */
    private static int[] neighbours(float[] meaning, int items) {
      int dim = meaning.length / items;
      int kept = Math.min(NEIGHBOURS, items - 1);
      int[] nearest = new int[items * kept];
      double[] distances = new double[kept];
      for (int i = 0; i < items; i++) {
        Arrays.fill(distances, Double.POSITIVE_INFINITY);
        for (int j = 0; j < items; j++) {
          double distance = 0;
          for (int k = 0; k < dim && distance < distances[kept - 1]; k++) {
            double difference = meaning[i * dim + k] - meaning[j * dim + k];
            distance += difference * difference;
          }
          if (j == i || distance >= distances[kept - 1]) {
            continue;
          }
          int at = kept - 1;
          while (at > 0 && distances[at - 1] > distance) {
            distances[at] = distances[at - 1];
            nearest[i * kept + at] = nearest[i * kept + at - 1];
            at--;
          }
          distances[at] = distance;
          nearest[i * kept + at] = j;
        }
      }
      return nearest;
    }

    int[] walk(SplittableRandom random) {
      int[] walk = new int[length];
      BitSet seen = new BitSet(items);
      walk[0] = popular(random);
      seen.set(walk[0]);
      for (int step = 1; step < length; step++) {
        do {
          walk[step] = next(walk[step - 1], random);
        } while (seen.get(walk[step]));
        seen.set(walk[step]);
      }
      return walk;
    }

    private int next(int last, SplittableRandom random) {
      double choice = random.nextDouble();
      if (choice < coPurchase) {
        int place = random.nextDouble() < FIRST_SUCCESSOR ? 0 : 1;
        return successors[last * SUCCESSORS + place];
      }
      if (choice < coPurchase + similarity) {
        int kept = neighbours.length / items;
        // The smaller of two draws, so nearer items are taken more often.
        return neighbours[last * kept + Math.min(random.nextInt(kept), random.nextInt(kept))];
      }
      return popular(random);
    }

    private int popular(SplittableRandom random) {
      double point = random.nextDouble() * cumulativePopularity[items - 1];
      int at = Arrays.binarySearch(cumulativePopularity, point);
      return Math.min(at < 0 ? -at - 1 : at + 1, items - 1);
    }
  }

  /** Options of a {@link GeneratedCatalogue}; each is checked when it is set. Not thread-safe. */
  public static final class Builder {
    private int items = 1500;
    private int users = 10_000;
    private int dim = 64;
    private int length = 11;
    private double coPurchase = 0.45;
    private double similarity = 0.4;
    private long seed = 22;

    private Builder() {}

    /**
     * Sets the number of items. The default is 1,500.
     *
     * @param items N, at least 50
     * @return this builder
     * @throws IllegalArgumentException if below 50
     */
    @CanIgnoreReturnValue
    public Builder items(int items) {
      checkArgument(items >= 50, "items must be at least 50, found %s", items);
      this.items = items;
      return this;
    }

    /**
     * Sets the number of users. The default is 10,000.
     *
     * @param users at least 10
     * @return this builder
     * @throws IllegalArgumentException if below 10
     */
    @CanIgnoreReturnValue
    public Builder users(int users) {
      checkArgument(users >= 10, "users must be at least 10, found %s", users);
      this.users = users;
      return this;
    }

    /**
     * Sets the width of the language embeddings. The default is 64.
     *
     * @param dim d_l, at least 2
     * @return this builder
     * @throws IllegalArgumentException if below 2
     */
    @CanIgnoreReturnValue
    public Builder dim(int dim) {
      checkArgument(dim >= 2, "dim must be at least 2, found %s", dim);
      this.dim = dim;
      return this;
    }

    /**
     * Sets the number of items of each user. The default is 11.
     *
     * @param length from 2 to 20
     * @return this builder
     * @throws IllegalArgumentException if outside [2, 20]
     */
    @CanIgnoreReturnValue
    public Builder length(int length) {
      checkArgument(length >= 2 && length <= 20, "length must lie in [2, 20], found %s", length);
      this.length = length;
      return this;
    }

    /**
     * Sets how users choose their next item; popularity decides the remaining cases. The defaults
     * are 0.45 and 0.4.
     *
     * @param coPurchase the probability of a successor, at least 0
     * @param similarity the probability of an item of similar text, at least 0
     * @return this builder
     * @throws IllegalArgumentException if either is negative or they sum to more than 0.95
     */
    @CanIgnoreReturnValue
    public Builder behaviour(double coPurchase, double similarity) {
      // Every item needs some chance, or a walk could run into a dead end.
      checkArgument(
          coPurchase >= 0 && similarity >= 0 && coPurchase + similarity <= 0.95,
          "behaviour must be probabilities with a sum of at most 0.95, found %s and %s",
          coPurchase,
          similarity);
      this.coPurchase = coPurchase;
      this.similarity = similarity;
      return this;
    }

    /**
     * Sets the seed of all random draws. The default is 22.
     *
     * @param seed any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Draws the catalogue.
     *
     * @return the catalogue
     */
    public GeneratedCatalogue build() {
      return new GeneratedCatalogue(this);
    }
  }
}
