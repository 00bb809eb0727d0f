package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Similarity;

/** A loss of the scores of a pair's positive and negatives, in closed form. Thread-safe. */
interface PairLoss {

  /** K. */
  int negatives();

  /** The similarity of the scores. */
  Similarity similarity();

  /**
   * Computes one pair.
   *
   * @param scores [1 + K], the positive first
   * @param gradient [1 + K] receives the derivatives with respect to the scores
   * @return the loss
   */
  double apply(double[] scores, double[] gradient);

  static PairLoss of(Loss loss) {
    if (loss instanceof Bpr) {
      return new Ranking();
    }
    if (loss instanceof InfoNce contrast) {
      return new Contrast(contrast);
    }
    throw new IllegalArgumentException(
        "a graph model is trained with Bpr or InfoNce, found " + loss);
  }

  /** -log sigmoid(x), x = s_0 - s_1, whose derivative by x is -sigmoid(-x). */
  record Ranking() implements PairLoss {
    @Override
    public int negatives() {
      return 1;
    }

    @Override
    public Similarity similarity() {
      return Similarity.INNER_PRODUCT;
    }

    @Override
    public double apply(double[] scores, double[] gradient) {
      double x = scores[0] - scores[1];
      double small = Math.exp(-Math.abs(x));
      gradient[0] = -(x > 0 ? small : 1) / (1 + small);
      gradient[1] = -gradient[0];
      return Math.max(-x, 0) + Math.log1p(small);
    }
  }

  /** log sum exp(c / tau) - c_0 / tau, whose derivative by c_k is (softmax_k - [k = 0]) / tau. */
  record Contrast(InfoNce loss) implements PairLoss {
    @Override
    public int negatives() {
      return loss.negatives();
    }

    @Override
    public Similarity similarity() {
      return Similarity.COSINE;
    }

    @Override
    public double apply(double[] scores, double[] gradient) {
      double largest = Double.NEGATIVE_INFINITY;
      for (double score : scores) {
        largest = Math.max(largest, score);
      }
      double total = 0;
      for (int k = 0; k < scores.length; k++) {
        gradient[k] = Math.exp((scores[k] - largest) / loss.temperature());
        total += gradient[k];
      }
      for (int k = 0; k < scores.length; k++) {
        gradient[k] = (gradient[k] / total - (k == 0 ? 1 : 0)) / loss.temperature();
      }
      return Math.log(total) + (largest - scores[0]) / loss.temperature();
    }
  }
}
