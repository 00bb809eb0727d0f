package io.github.alphafuse.core.nullspace;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DenseKernels.RowProduct;
import io.github.alphafuse.core.internal.DoubleOperand;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The fitted map from language embeddings to the frozen part Z of item embeddings. It also
 * determines the null space in which IDs are learned.
 *
 * <p>Rows are normalised and scaled (only here), centred, rotated onto the eigenvectors U of their
 * covariance in descending order of variance S, cut to the first d columns and, if standardised,
 * divided by the square root of S:
 *
 * <pre>Z = (scale e / norm - mean) U[:, :d] S[:d]^(-1/2)</pre>
 *
 * <p>The null space has d_n dimensions. A fixed number, a threshold or a share determines d_n
 * ({@link NullSpace}). The ID embedding takes the last d_n of the d columns. There are two cases:
 *
 * <ul>
 *   <li><b>trailing null space</b>, d = d_l: these columns are the true trailing eigenspace of the
 *       language embeddings (the DreamRec recipe);
 *   <li><b>clipped null space</b>, d &lt; d_l: the text is cut to its d leading components first
 *       and the columns are components d - d_n + 1 to d of them (the SASRec recipe: 65 to 128 of
 *       128).
 * </ul>
 *
 * <p>Some texts have directions without variance. If d is not given, standardisation leaves them
 * out: d is then the number of the other directions, all rules count only those, and a line is
 * logged.
 *
 * <p>With {@code cover} only the first d - d_n columns of Z are kept and the ID part replaces the
 * others. Without it the ID part is added to the last d_n columns.
 *
 * <p>Legend: N items, d_l language dimension, d embedding dimension, d_n null dimension, d_s = d -
 * d_n row dimension, k columns of Z (d_s with cover, else d). Immutable and thread-safe.
 *
 * <p>See: Guoqing Hu et al., "AlphaFuse: Learn ID Embeddings for Sequential Recommendation in Null
 * Space of Language Embeddings", SIGIR 2025, sections 3.1 and 3.2.
 */
public final class NullSpaceProjector {
  private static final ArchiveFormat FORMAT = new ArchiveFormat("null-space-projector", 1);
  private static final int PROJECTED_ROWS = 128;

  private final RowScaling scaling;
  private final boolean standardize;
  private final boolean cover;
  private final double rowScale;
  private final int embeddingDim;
  private final int nullDim;
  private final int directionsLeftOut;
  private final double varianceFloor;
  private final double[] mean;
  private final double[] singularValues;
  private final double totalVariance;
  private final double[] directions;
  private final double residual;
  private final double orthonormalityError;
  private final String solver;
  private final double[] projection;

  private NullSpaceProjector(Builder settings, SpectralFit.Result fitted) {
    this.scaling = fitted.scaling();
    this.standardize = settings.standardize;
    this.cover = settings.cover;
    this.rowScale = settings.rowScale;
    this.varianceFloor = settings.varianceFloor;
    this.mean = fitted.mean();
    this.singularValues = fitted.singularValues();
    this.totalVariance = fitted.totalVariance();
    this.embeddingDim = fitted.dimensions().embeddingDim();
    this.nullDim = fitted.dimensions().nullDim();
    this.directionsLeftOut = fitted.dimensions().leftOut();
    this.directions = fitted.directions();
    this.residual = fitted.residual();
    this.orthonormalityError = fitted.orthonormalityError();
    this.solver = fitted.solver();
    this.projection = directions.clone();
    if (standardize) {
      int kept = projectedDim();
      for (int j = 0; j < kept; j++) {
        double factor = 1 / Math.sqrt(Math.max(singularValues[j], varianceFloor));
        for (int i = 0; i < mean.length; i++) {
          projection[i * kept + j] *= factor;
        }
      }
    }
    for (int i = 0; i < projection.length; i++) {
      projection[i] *= rowScale;
    }
  }

  /**
   * A builder with the published defaults. The rule of the null space has no default and must be
   * set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The frozen language part of items in float32.
   *
   * @param text language embeddings [M, d_l], of the items fitted or of new ones
   * @return Z [M, k]
   * @throws IllegalArgumentException as {@link #project(LanguageEmbeddings, ElementType)}
   */
  public Tensor project(LanguageEmbeddings text) {
    return project(text, ElementType.FLOAT32);
  }

  /**
   * The frozen language part of items.
   *
   * @param rows language embeddings [M, d_l], of the items fitted or of new ones
   * @param type the type of the result, {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
   * @return Z [M, k]
   * @throws IllegalArgumentException if the width is not d_l, a number is not finite, or a row is
   *     all zeros under {@link RowNormalization#ROWS}
   */
  public Tensor project(LanguageEmbeddings rows, ElementType type) {
    checkArgument(
        rows.dim() == languageDim(),
        "rows must have %s columns as those that were fitted, found %s",
        languageDim(),
        rows.dim());
    int kept = projectedDim();
    Tensor projected = Tensor.zeros(type, rows.itemCount(), kept);
    try (RowProduct rotation =
        DenseKernels.get().newRowProduct(DoubleOperand.of(projection, languageDim(), kept))) {
      // Each thread takes its own rows from file to result, a few at a time so that they stay
      // cached.
      Workers.split(
          rows.itemCount(),
          PROJECTED_ROWS,
          (from, to) -> {
            double[] product = new double[Math.min(PROJECTED_ROWS, to - from) * kept];
            rows.slice(from, to)
                .forEachBlock(
                    PROJECTED_ROWS,
                    (first, block, count) -> {
                      int row = from + first;
                      scaling.requireNorms(block, row, new int[] {count, languageDim()});
                      rotation.multiply((i, line) -> centre(block, i, line), count, product);
                      copy(product, count * kept, projected, row * kept);
                    });
          });
    }
    return projected;
  }

  private static void copy(double[] from, int length, Tensor to, int at) {
    if (to.elementType() == ElementType.FLOAT64) {
      System.arraycopy(from, 0, to.doubles(), at, length);
      return;
    }
    float[] floats = to.floats();
    for (int i = 0; i < length; i++) {
      floats[at + i] = (float) from[i];
    }
  }

  /**
   * The frozen language part of one item.
   *
   * @param row a language embedding [d_l]; not modified
   * @return its row of Z, [k]
   * @throws IllegalArgumentException if the width is not d_l, a number is not finite, or the row is
   *     all zeros under {@link RowNormalization#ROWS}
   */
  public double[] project(double[] row) {
    return project(LanguageEmbeddings.of(new double[][] {row}), ElementType.FLOAT64).doubles();
  }

  /** Works on the row's own array, since only loops from 0 become SIMD code. */
  private void centre(double[] block, int i, double[] centred) {
    int width = languageDim();
    double factor = scaling.factor(block, i, width);
    System.arraycopy(block, i * width, centred, 0, width);
    for (int j = 0; j < width; j++) {
      centred[j] = factor * centred[j] - mean[j];
    }
  }

  /**
   * The width of the language embeddings.
   *
   * @return d_l
   */
  public int languageDim() {
    return mean.length;
  }

  /**
   * The width of an item embedding.
   *
   * @return d
   */
  public int embeddingDim() {
    return embeddingDim;
  }

  /**
   * The width of the ID embedding: the dimension of the null space.
   *
   * @return d_n
   */
  public int nullDim() {
    return nullDim;
  }

  /**
   * The number of leading columns that hold language alone.
   *
   * @return d_s = d - d_n
   */
  public int rowDim() {
    return embeddingDim - nullDim;
  }

  /**
   * The columns of Z.
   *
   * @return k: d_s with cover, else d
   */
  public int projectedDim() {
    return cover ? rowDim() : embeddingDim;
  }

  /**
   * The number of directions of the text that were left out because they have no variance. This
   * happens under standardisation if no width is given.
   *
   * @return 0 if none was left out
   */
  public int directionsLeftOut() {
    return directionsLeftOut;
  }

  /**
   * Whether the ID part replaces the last language columns instead of being added to them.
   *
   * @return true for cover
   */
  public boolean cover() {
    return cover;
  }

  /**
   * Whether the columns of Z are divided by their standard deviation.
   *
   * @return true if standardised
   */
  public boolean standardize() {
    return standardize;
  }

  /**
   * The factor by which the rows of Z are multiplied in the end.
   *
   * @return the factor; under standardisation it is the root mean square of a column
   */
  public double rowScale() {
    return rowScale;
  }

  /**
   * How rows are normalised.
   *
   * @return the normalisation
   */
  public RowNormalization normalization() {
    return scaling.normalization();
  }

  /**
   * The scale that normalised rows are multiplied by.
   *
   * @return the scale
   */
  public double scale() {
    return scaling.scale();
  }

  /**
   * The factor by which a row is multiplied: the scale, divided by the fitted mean norm under
   * {@link RowNormalization#MEAN}. Under {@link RowNormalization#ROWS} a row is also divided by its
   * own norm.
   *
   * @return the factor
   */
  public double rowFactor() {
    return scaling.rowFactor();
  }

  /**
   * The mean of the scaled rows.
   *
   * @return [d_l], a copy
   */
  public double[] mean() {
    return mean.clone();
  }

  /**
   * S: the variances of the scaled rows along all directions, with divisor N - 1 (the authors call
   * them singular values of the covariance). A {@link RandomizedEigenSolver} finds only the leading
   * ones.
   *
   * @return [d_l] in descending order, or [d] if only the leading ones were found; a copy
   */
  public double[] singularValues() {
    return singularValues.clone();
  }

  /**
   * The share of the whole variance that each direction holds.
   *
   * @return [d_l] in descending order, sum 1; or [d] if only the leading ones were found
   */
  public double[] explainedVariance() {
    return Arrays.stream(singularValues).map(s -> s / totalVariance).toArray();
  }

  /**
   * The share of the whole variance that the leading directions hold together.
   *
   * @param directions how many, from 0 to the length of {@link #explainedVariance()}
   * @return from 0 to 1
   * @throws IllegalArgumentException if there are not as many
   */
  public double explainedVariance(int directions) {
    checkArgument(
        directions >= 0 && directions <= singularValues.length,
        "directions must lie in [0, %s], found %s",
        singularValues.length,
        directions);
    return Arrays.stream(singularValues, 0, directions).sum() / totalVariance;
  }

  /**
   * U: the kept directions.
   *
   * @return [d_l, k] row by row, one unit vector per column; a copy
   */
  public double[] directions() {
    return directions.clone();
  }

  /**
   * The error of the decomposition: the largest entry of Sigma U - U S over the largest S.
   *
   * @return the relative residual
   */
  public double residual() {
    return residual;
  }

  /**
   * The deviation of the directions from orthonormality: the largest entry of U'U - I.
   *
   * @return the error
   */
  public double orthonormalityError() {
    return orthonormalityError;
  }

  /**
   * The name of the solver that found the eigenvectors.
   *
   * @return for example {@code "openblas"}, {@code "java"} or {@code "randomized (openblas)"}
   */
  public String solver() {
    return solver;
  }

  /**
   * Saves the projector as one file. An existing file is replaced only by a complete one.
   *
   * @param path the file
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void save(Path path) {
    try (ArchiveWriter writer = ArchiveWriter.create(path, FORMAT)) {
      write(writer);
      writer.commit();
    }
  }

  /**
   * Loads a projector that was saved.
   *
   * @param path the file
   * @return the projector
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static NullSpaceProjector load(Path path) {
    try (ArchiveReader reader = ArchiveReader.open(path, FORMAT)) {
      return read(reader);
    }
  }

  /**
   * Writes the projector into a larger archive.
   *
   * @param archive the archive, or a section of it
   */
  public void write(ArchiveWriter archive) {
    scaling.write(archive);
    archive
        .setting("standardize", standardize)
        .setting("cover", cover)
        .setting("rowScale", rowScale)
        .setting("embeddingDim", embeddingDim)
        .setting("nullDim", nullDim)
        .setting("varianceFloor", varianceFloor)
        .setting("residual", residual)
        .setting("orthonormalityError", orthonormalityError)
        .setting("solver", solver);
    if (singularValues.length < mean.length) {
      archive.setting("totalVariance", totalVariance);
    }
    if (directionsLeftOut > 0) {
      archive.setting("directionsLeftOut", directionsLeftOut);
    }
    archive.array("mean", Tensor.of(mean, mean.length));
    archive.array("singular_values", Tensor.of(singularValues, singularValues.length));
    archive.array("directions", Tensor.of(directions, mean.length, projectedDim()));
  }

  /**
   * Reads a projector from a larger archive.
   *
   * @param archive the archive, or the section of it that {@link #write} wrote
   * @return the projector
   * @throws IllegalArgumentException if something is missing or does not fit
   */
  public static NullSpaceProjector read(ArchiveReader archive) {
    Builder settings =
        builder()
            .standardize(archive.booleanSetting("standardize"))
            .cover(archive.booleanSetting("cover"))
            .rowScale(archive.hasSetting("rowScale") ? archive.doubleSetting("rowScale") : 1)
            .varianceFloor(archive.doubleSetting("varianceFloor"));
    int embeddingDim = archive.intSetting("embeddingDim");
    int nullDim = archive.intSetting("nullDim");
    double[] mean = archive.doubles("mean", -1);
    boolean part = archive.hasSetting("totalVariance");
    int found = part ? embeddingDim : mean.length;
    double[] singularValues = archive.doubles("singular_values", found);
    int kept = settings.cover ? embeddingDim - nullDim : embeddingDim;
    return new NullSpaceProjector(
        settings,
        new SpectralFit.Result(
            RowScaling.read(archive),
            mean,
            singularValues,
            part ? archive.doubleSetting("totalVariance") : Arrays.stream(singularValues).sum(),
            new Dimensions(
                embeddingDim,
                nullDim,
                archive.hasSetting("directionsLeftOut")
                    ? archive.intSetting("directionsLeftOut")
                    : 0),
            archive.doubles("directions", mean.length, kept),
            archive.doubleSetting("residual"),
            archive.doubleSetting("orthonormalityError"),
            archive.stringSetting("solver")));
  }

  /**
   * The options by which text is normalised and scaled, without what rounding decides.
   *
   * @return for example {@code MEAN x 40.0, standardized, rows times 0.3}
   */
  public String preparation() {
    return scaling
        + (standardize ? ", standardized" : "")
        + (varianceFloor == 0 ? "" : ", variance at least " + varianceFloor)
        + (rowScale == 1 ? "" : ", rows times " + rowScale);
  }

  /**
   * A short description.
   *
   * @return dimensions, settings, and the solver with its errors
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "NullSpaceProjector[d_l=%d, d=%d, d_n=%d,%s %s, standardize=%s, cover=%s,%s"
            + " solver=%s: residual %.1e, orthonormality error %.1e]",
        languageDim(),
        embeddingDim,
        nullDim,
        directionsLeftOut > 0 ? " " + directionsLeftOut + " without variance left out," : "",
        scaling,
        standardize,
        cover,
        rowScale == 1 ? "" : " rowScale=" + rowScale + ",",
        solver,
        residual,
        orthonormalityError);
  }

  /** Options of a {@link NullSpaceProjector}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    RowNormalization normalization = RowNormalization.MEAN;
    double scale = 40;
    boolean standardize = true;
    boolean cover;
    double rowScale = 1;
    double varianceFloor;
    int width = Integer.MAX_VALUE;
    private int maxWidth = Integer.MAX_VALUE;
    boolean isWidthGiven;
    int step = 1;
    @Nullable NullSpaceRule rule;
    private @Nullable NullSpace nullSpace;
    double @Nullable [] itemWeights;
    SymmetricEigenSolver solver = SymmetricEigenSolver.verified();

    private Builder() {}

    /**
     * Sets the width of an item embedding. The default is d_l, or under standardisation the number
     * of directions with variance, up to {@link #maxEmbeddingDim}.
     *
     * @param embeddingDim d, from 1 to d_l
     * @return this builder
     * @throws IllegalArgumentException if below 1
     * @throws IllegalStateException if above {@link #maxEmbeddingDim}
     */
    @CanIgnoreReturnValue
    public Builder embeddingDim(int embeddingDim) {
      checkArgument(embeddingDim >= 1, "embeddingDim must be at least 1, found %s", embeddingDim);
      checkState(
          embeddingDim <= maxWidth,
          "embeddingDim must be at most maxEmbeddingDim, which is set to %s, found %s",
          maxWidth,
          embeddingDim);
      this.width = embeddingDim;
      this.isWidthGiven = true;
      return this;
    }

    /**
     * Sets the largest width of an item embedding whose width is not given: d is then the least of
     * this, d_l and, under standardisation, the number of directions with variance. It takes back
     * an {@link #embeddingDim} that was set before. The default is no bound.
     *
     * @param maxEmbeddingDim the largest d, at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     * @throws IllegalStateException if below an {@link #embeddingDim} that was set before
     */
    @CanIgnoreReturnValue
    public Builder maxEmbeddingDim(int maxEmbeddingDim) {
      checkArgument(
          maxEmbeddingDim >= 1, "maxEmbeddingDim must be at least 1, found %s", maxEmbeddingDim);
      checkState(
          !isWidthGiven || maxEmbeddingDim >= width,
          "maxEmbeddingDim must be at least embeddingDim, which is set to %s, found %s",
          width,
          maxEmbeddingDim);
      this.maxWidth = maxEmbeddingDim;
      this.width = maxEmbeddingDim;
      this.isWidthGiven = false;
      return this;
    }

    /**
     * Sets a number of which a width that is not given is a multiple, for models with several
     * attention heads. Columns of the text beyond the multiple are left out. The default is 1.
     *
     * @param embeddingDimMultipleOf a number of at least 1
     * @return this builder
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder embeddingDimMultipleOf(int embeddingDimMultipleOf) {
      checkArgument(
          embeddingDimMultipleOf >= 1,
          "embeddingDimMultipleOf must be at least 1, found %s",
          embeddingDimMultipleOf);
      this.step = embeddingDimMultipleOf;
      return this;
    }

    /**
     * Sets a null space of a fixed dimension. It does not apply if a threshold is given too. By
     * default no rule is set.
     *
     * @param nullDim d_n, from 0 to d
     * @return this builder
     * @throws IllegalArgumentException if negative
     * @throws IllegalStateException if a share of energy or of the columns was set
     */
    @CanIgnoreReturnValue
    public Builder nullDim(int nullDim) {
      NullSpace fixed = NullSpace.dimension(nullDim);
      return rule != null && rule.outranksDimension() ? this : nullSpace(fixed);
    }

    /**
     * Sets a null space that is a share of the d columns, rounded down. The published SASRec recipe
     * takes half of them, 64 of 128. By default no rule is set.
     *
     * @param nullShare the share, in [0, 1]
     * @return this builder
     * @throws IllegalArgumentException if outside [0, 1]
     * @throws IllegalStateException if another rule was set
     */
    @CanIgnoreReturnValue
    public Builder nullShare(double nullShare) {
      return nullSpace(NullSpace.share(nullShare));
    }

    /**
     * Sets a null space of the directions whose variance is at most a threshold. By default no rule
     * is set.
     *
     * @param nullThreshold the largest variance of a null direction, in squared units of the scaled
     *     rows
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     * @throws IllegalStateException if a share of energy or of the columns was set
     */
    @CanIgnoreReturnValue
    public Builder nullThreshold(double nullThreshold) {
      return nullSpace(NullSpace.threshold(nullThreshold));
    }

    /**
     * Sets a null space of the directions that remain after the fewest leading ones that hold a
     * share of the variance. By default no rule is set.
     *
     * @param energy the share of the row space, in (0, 1)
     * @return this builder
     * @throws IllegalArgumentException if outside (0, 1)
     * @throws IllegalStateException if another rule was set
     */
    @CanIgnoreReturnValue
    public Builder energy(double energy) {
      return nullSpace(NullSpace.energy(energy));
    }

    /**
     * Sets the rule of the null space. There is no default.
     *
     * @param nullSpace the rule
     * @return this builder
     * @throws IllegalStateException if a rule that contradicts it was set
     */
    @CanIgnoreReturnValue
    public Builder nullSpace(NullSpace nullSpace) {
      NullSpaceRule next = NullSpaceRule.of(nullSpace);
      // A dimension and a threshold may both be set.
      checkState(
          rule == null || rule.getClass() == next.getClass() || !(rule.isShare() || next.isShare()),
          "the null space is set to %s already, found %s",
          this.nullSpace,
          nullSpace);
      this.rule = next;
      this.nullSpace = nullSpace;
      return this;
    }

    /**
     * Sets how rows are brought to one length. The default is {@link RowNormalization#MEAN}.
     *
     * @param normalize the normalisation
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder normalize(RowNormalization normalize) {
      this.normalization = normalize;
      return this;
    }

    /**
     * Sets the number by which normalised rows are multiplied, so that thresholds have a meaning.
     * The default is 40.
     *
     * @param scale a positive number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder scale(double scale) {
      RowScaling.requireScale(scale);
      this.scale = scale;
      return this;
    }

    /**
     * Sets whether the columns of Z are divided by their standard deviation. The default is true.
     *
     * @param standardize whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder standardize(boolean standardize) {
      this.standardize = standardize;
      return this;
    }

    /**
     * Sets whether the ID part replaces the last language columns. The default is false: the ID
     * part is added to them.
     *
     * @param cover whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder cover(boolean cover) {
      this.cover = cover;
      return this;
    }

    /**
     * Sets the factor by which the rows of Z are multiplied in the end. It does not change cosines,
     * but it changes training: the smaller a row, the faster its direction changes. The default is
     * 1, as published. For training at every position 0.3 is a good start.
     *
     * @param rowScale a positive number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder rowScale(double rowScale) {
      checkArgument(
          rowScale > 0 && Double.isFinite(rowScale),
          "rowScale must be positive and finite, found %s",
          rowScale);
      this.rowScale = rowScale;
      return this;
    }

    /**
     * Sets the variance that standardisation assumes for directions with less. A floor keeps
     * directions without variance, as columns of rounding noise over the root of the floor. The
     * default is 0: directions without variance are left out, or are an error if {@link
     * #embeddingDim} is given.
     *
     * @param varianceFloor a variance in squared units of the scaled rows, at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder varianceFloor(double varianceFloor) {
      checkArgument(
          varianceFloor >= 0 && Double.isFinite(varianceFloor),
          "varianceFloor must be finite and at least 0, found %s",
          varianceFloor);
      this.varianceFloor = varianceFloor;
      return this;
    }

    /**
     * Sets how often each item was interacted with. Mean and covariance are weighted by it. By
     * default all items have the same weight.
     *
     * <p>As in the public implementation, the weighted covariance is divided by N - 1 although its
     * weights already sum to 1, so its variances are about N times smaller. A threshold for uniform
     * items therefore does not apply, and standardised columns have a weighted variance of about N
     * - 1.
     *
     * @param itemWeights [N], at least 0, not all 0
     * @return this builder
     * @throws IllegalArgumentException if empty, negative, not finite or all 0
     */
    @CanIgnoreReturnValue
    public Builder itemWeights(double[] itemWeights) {
      double total = 0;
      for (int i = 0; i < itemWeights.length; i++) {
        double count = itemWeights[i];
        checkArgument(
            count >= 0 && Double.isFinite(count),
            "itemWeights[%s] must be finite and at least 0, found %s",
            (Object) i,
            count);
        total += count;
      }
      checkArgument(total > 0, "itemWeights must have at least one number above 0");
      this.itemWeights = itemWeights.clone();
      return this;
    }

    /**
     * Sets the solver that finds the eigenvectors. The default is {@link
     * SymmetricEigenSolver#verified()}.
     *
     * <p>A {@link RandomizedEigenSolver} finds only the d leading variances, so it does not work
     * with a threshold.
     *
     * @param solver the solver
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder solver(SymmetricEigenSolver solver) {
      this.solver = solver;
      return this;
    }

    /**
     * An empty accumulator for these options, to be filled block by block, merged with others and
     * passed to {@link #fit(MomentAccumulator)}.
     *
     * @param languageDim d_l
     * @return the accumulator, to be closed by the caller
     * @throws IllegalArgumentException if below 1
     */
    public MomentAccumulator newAccumulator(int languageDim) {
      return MomentAccumulator.create(languageDim, normalization);
    }

    /**
     * Fits a projector to the language embeddings of all items, in one streamed pass.
     *
     * @param embeddings [N, d_l]
     * @return the projector
     * @throws IllegalArgumentException if a number is not finite, there are too few items, a
     *     dimension is outside its range, the rule leaves no row space or no null space, a kept
     *     direction of a given width has no variance to standardise by (the message names the
     *     largest width that works), no direction has variance, or a threshold is used with a
     *     solver that does not find all variances
     * @throws IllegalStateException if no rule of the null space is set
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public NullSpaceProjector fit(LanguageEmbeddings embeddings) {
      return new NullSpaceProjector(this, new SpectralFit(this).of(embeddings));
    }

    /**
     * Fits a projector to moments that were accumulated elsewhere.
     *
     * @param moments the moments of all items; not modified, not closed
     * @return the projector
     * @throws IllegalArgumentException as {@link #fit(LanguageEmbeddings)}, or if rows were
     *     normalised in another way
     * @throws IllegalStateException if no rule of the null space is set, or there were fewer than
     *     two rows
     * @throws ArithmeticException if no solver finds right eigenvectors
     */
    public NullSpaceProjector fit(MomentAccumulator moments) {
      return new NullSpaceProjector(this, new SpectralFit(this).of(moments));
    }
  }
}
