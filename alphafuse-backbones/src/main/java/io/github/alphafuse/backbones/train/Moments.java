package io.github.alphafuse.backbones.train;

import io.github.alphafuse.core.Tensor;

/** Adam's running means of a parameter's gradient (first) and of its square (second). */
sealed interface Moments permits Moments.Whole, RowMoments {
  /** The first moments in the parameter's shape, possibly a copy. */
  Tensor first();

  /** The second moments in the parameter's shape, possibly a copy. */
  Tensor second();

  /** Sets the first moments, in the parameter's shape and type. */
  void setFirst(Tensor moments);

  /** Sets the second moments, in the parameter's shape and type. */
  void setSecond(Tensor moments);

  /** Both in tensors of their own. */
  record Whole(Tensor first, Tensor second) implements Moments {
    static Whole zerosLike(Tensor parameter) {
      return new Whole(
          Tensor.zeros(parameter.elementType(), parameter.shape()),
          Tensor.zeros(parameter.elementType(), parameter.shape()));
    }

    @Override
    public void setFirst(Tensor moments) {
      first.copyFrom(moments);
    }

    @Override
    public void setSecond(Tensor moments) {
      second.copyFrom(moments);
    }
  }
}
