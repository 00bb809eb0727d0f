package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;
import io.github.alphafuse.core.nullspace.RowScaling;

/**
 * The options of item embeddings that are made from text; each is checked where it is set. Not
 * thread-safe.
 *
 * @param <B> the strategy's own builder
 */
public abstract class TextBuilder<B extends TextBuilder<B>> {
  private final LanguageEmbeddings text;
  private RowNormalization normalization = RowNormalization.MEAN;
  private double scale = 40;
  private double varianceFloor;
  private ElementType elementType = ElementType.FLOAT32;

  TextBuilder(LanguageEmbeddings text) {
    this.text = text;
  }

  abstract B self();

  /** What is known of the text, after normalisation and scaling. */
  TextOrigin origin() {
    return TextOrigin.of(text)
        .prepared(
            normalization
                + " x "
                + scale
                + (varianceFloor == 0 ? "" : ", variance at least " + varianceFloor));
  }

  LanguageEmbeddings text() {
    return text;
  }

  ElementType type() {
    return elementType;
  }

  /** Rows that are only normalised and scaled. */
  LanguageMap.Scaled scaled() {
    return new LanguageMap.Scaled(RowScaling.fit(text, normalization, scale));
  }

  /** A projector without a null space, which whitens all directions with variance by default. */
  NullSpaceProjector.Builder projector() {
    return NullSpaceProjector.builder()
        .nullDim(0)
        .normalize(normalization)
        .scale(scale)
        .varianceFloor(varianceFloor);
  }

  /** Sets the variance assumed for directions with less, for strategies that whiten. */
  B floor(double variance) {
    checkArgument(
        variance >= 0 && Double.isFinite(variance),
        "varianceFloor must be finite and at least 0, found %s",
        variance);
    this.varianceFloor = variance;
    return self();
  }

  /**
   * Sets how language rows are brought to one length. The default is {@link RowNormalization#MEAN}.
   *
   * @param normalize the normalisation
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B normalize(RowNormalization normalize) {
    this.normalization = normalize;
    return self();
  }

  /**
   * Sets the number by which normalised language rows are multiplied. Under whitening only the
   * variance floor depends on it. The default is 40.
   *
   * @param scale a positive number
   * @return this builder
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B scale(double scale) {
    checkArgument(
        scale > 0 && Double.isFinite(scale), "scale must be positive and finite, found %s", scale);
    this.scale = scale;
    return self();
  }

  /**
   * Sets the type of all numbers. The default is FLOAT32.
   *
   * @param elementType the type
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B elementType(ElementType elementType) {
    this.elementType = checkNotNull(elementType, "elementType must not be null");
    return self();
  }
}
