package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.EngineCases.Items;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One recommender or scorer of the fused engine under many threads. */
class ConcurrentRecommenderTest {
  private static final int THREADS = 8;
  private static final int ITEMS = 2500;

  enum Models {
    SAS_REC,
    DREAM_REC,
    DREAM_REC_STEPWISE,
    DREAM_REC_ANCESTRAL;

    SequenceModel<?> model() {
      return switch (this) {
        case SAS_REC ->
            SasRec.builder(Items.ADDED.of(ITEMS, 32)).heads(2).engine(Engine.FUSED).build();
        case DREAM_REC -> dreamRec(Sampling.ddim(10).withForm(Sampling.Form.COLLAPSED));
        case DREAM_REC_STEPWISE -> dreamRec(Sampling.ddim(10).withForm(Sampling.Form.STEPWISE));
        case DREAM_REC_ANCESTRAL -> dreamRec(Sampling.ddpm().withSamples(2));
      };
    }

    private static DreamRec dreamRec(Sampling sampling) {
      return DreamRec.builder(Items.ADDED.of(ITEMS, 32))
          .schedule(NoiseSchedule.linear(40))
          .sampling(sampling.withGuidance(1))
          .engine(Engine.FUSED)
          .build();
    }
  }

  private static void onAllThreads(Callable<Boolean> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      CyclicBarrier start = new CyclicBarrier(THREADS);
      List<Future<Boolean>> ended = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        ended.add(
            pool.submit(
                () -> {
                  start.await(60, TimeUnit.SECONDS);
                  return work.call();
                }));
      }
      for (Future<Boolean> end : ended) {
        assertThat(end.get(120, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void recommendsToManyThreadsWhatItRecommendsToOne(Models which) throws Exception {
    int[][] histories = EngineCases.histories(new SplittableRandom(1), 20, new int[] {ITEMS, 12});
    try (Recommender recommender = Recommender.builder(which.model()).build()) {
      List<List<String>> ids = new ArrayList<>();
      List<List<Recommendation>> expected = new ArrayList<>();
      for (int[] history : histories) {
        ids.add(Arrays.stream(history).mapToObj(Integer::toString).toList());
        expected.add(recommender.recommend(ids.get(ids.size() - 1), 10));
      }
      onAllThreads(
          () -> {
            for (int round = 0; round < 5; round++) {
              for (int b = 0; b < histories.length; b++) {
                if (!recommender.recommend(ids.get(b), 10).equals(expected.get(b))) {
                  return false;
                }
              }
            }
            return true;
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void scoresBatchesOfManyThreadsAsOfOne(Models which) throws Exception {
    int[][] histories = EngineCases.histories(new SplittableRandom(2), 70, new int[] {ITEMS, 12});
    TopQuery query = new TopQuery(10, true, Optional.empty());
    try (ItemScorer scorer = which.model().scorer()) {
      Tensor scores = scorer.score(histories);
      TopItems[] best = scorer.top(histories, query);
      onAllThreads(
          () -> {
            for (int round = 0; round < 3; round++) {
              TopItems[] found = scorer.top(histories, query);
              for (int b = 0; b < histories.length; b++) {
                if (!Arrays.equals(found[b].rows(), best[b].rows())
                    || !Arrays.equals(found[b].scores(), best[b].scores())) {
                  return false;
                }
              }
              if (!Arrays.equals(scorer.score(histories).floats(), scores.floats())) {
                return false;
              }
            }
            return true;
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsTheSameItemsForOneHistoryAsForABatch(Models which) {
    int[][] histories = EngineCases.histories(new SplittableRandom(3), 64, new int[] {ITEMS, 12});
    try (ItemScorer scorer = which.model().scorer()) {
      TopItems[] together = scorer.top(histories, TopQuery.ofAll(20));
      for (int b = 0; b < histories.length; b++) {
        TopItems alone = scorer.top(new int[][] {histories[b]}, TopQuery.ofAll(20))[0];
        float close = 1e-5f * Math.abs(together[b].scores()[0]);
        for (int k = 0; k < 20; k++) {
          assertThat(alone.scores()[k])
              .isBetween(together[b].scores()[k] - close, together[b].scores()[k] + close);
          if (alone.rows()[k] != together[b].rows()[k]) {
            assertThat(isTied(together[b], k, 2 * close))
                .as("rank %s of history %s", k, b)
                .isTrue();
          }
        }
      }
    }
  }

  /** Whether a neighbour's score, or that of the unknown item behind the last, is as good. */
  private static boolean isTied(TopItems items, int k, float close) {
    float[] scores = items.scores();
    return k == scores.length - 1
        || scores[k] - scores[k + 1] < close
        || (k > 0 && scores[k - 1] - scores[k] < close);
  }
}
