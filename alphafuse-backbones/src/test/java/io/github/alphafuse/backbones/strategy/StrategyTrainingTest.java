package io.github.alphafuse.backbones.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Training on users who stay with one kind of item, whose text says which kind it is. */
class StrategyTrainingTest {
  private static final int ITEMS = 200;
  private static final int KINDS = 20;

  /** From here on items are in no history and no training target: one of each kind. */
  private static final int FIRST_COLD = ITEMS - KINDS;

  private static LanguageEmbeddings text() {
    double[][] kinds = RandomNumbers.rows(1, KINDS, 24);
    double[][] rows = RandomNumbers.rows(2, ITEMS, 24);
    for (int i = 0; i < ITEMS; i++) {
      for (int j = 0; j < 24; j++) {
        rows[i][j] = kinds[i % KINDS][j] + 0.3 * rows[i][j];
      }
    }
    return LanguageEmbeddings.of(rows);
  }

  private static Examples examples(long seed, boolean coldTargets) {
    SplittableRandom random = new SplittableRandom(seed);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int user = 0; user < 600; user++) {
      int kind = random.nextInt(KINDS);
      int[] history = new int[1 + random.nextInt(6)];
      for (int i = 0; i < history.length; i++) {
        history[i] = kind + KINDS * random.nextInt(FIRST_COLD / KINDS);
      }
      int target =
          coldTargets ? FIRST_COLD + kind : kind + KINDS * random.nextInt(FIRST_COLD / KINDS);
      examples.add("user " + user, history, target);
    }
    return examples.build();
  }

  @Test
  void moRecLearnsWhatThePopularityDoesNotKnowAndRanksColdItems() {
    Examples train = examples(1, false);
    Examples test = examples(2, false);
    Examples cold = examples(3, true);
    SasRec model = SasRec.builder(MoRec.builder(text()).dim(16).build()).maxLength(6).build();
    Trainer.builder(model)
        .loss(InfoNce.withNegatives(32).temperature(0.1))
        .learningRate(1e-2)
        .batchSize(64)
        .epochs(15)
        .fit(train);
    Evaluator evaluator = Evaluator.fullRanking();
    double learned = evaluator.evaluate(model, test).value(Metric.ndcg(20));
    double popular = evaluator.evaluate(PopularityScorer.of(train), test).value(Metric.ndcg(20));
    assertThat(learned).isGreaterThan(3 * popular);
    // Of 200 items 10 are of the user's kind: by chance one in ten cold items is among the first
    // 20.
    assertThat(evaluator.evaluate(model, cold).value(Metric.hitRate(20))).isGreaterThan(0.5);
  }
}
