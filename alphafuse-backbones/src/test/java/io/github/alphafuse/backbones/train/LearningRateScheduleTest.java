package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateScheduleTest {

  @ParameterizedTest
  @CsvSource({"1, 0.25", "3, 0.75", "4, 1", "5, 0.9375", "12, 0.5", "19, 0.0625", "20, 0"})
  void risesAndFallsLinearly(int step, double factor) {
    LearningRateSchedule schedule = LearningRateSchedule.linear().warmUp(4);
    assertThat(schedule.factor(step, 20)).isCloseTo(factor, within(1e-12));
  }

  @Test
  void staysAfterItsWarmUp() {
    LearningRateSchedule schedule = LearningRateSchedule.constant().warmUp(2);
    assertThat(schedule.factor(1, 9)).isEqualTo(0.5);
    assertThat(schedule.factor(2, 9)).isEqualTo(1);
    assertThat(schedule.factor(9, 9)).isEqualTo(1);
    assertThat(LearningRateSchedule.constant().factor(1, 9)).isEqualTo(1);
  }

  @Test
  void aShortRunWarmsUpForATenth() {
    LearningRateSchedule schedule = LearningRateSchedule.linear().warmUpAtMost(100);
    assertThat(schedule.factor(1, 2000)).isEqualTo(0.01);
    assertThat(schedule.factor(2, 40)).isEqualTo(0.5);
    assertThat(schedule.factor(4, 40)).isEqualTo(1);
    assertThat(schedule.factor(40, 40)).isZero();
    assertThat(schedule.factor(1, 1)).isEqualTo(1);
    schedule.requireFit(1);
  }

  @Test
  void rejectsAWarmUpThatIsNegativeOrLongerThanTheRun() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRateSchedule.linear().warmUp(-1))
        .withMessage("warmUp must be at least 0 steps, found -1");
    Examples train =
        Examples.builder(9)
            .add("a", new int[] {1}, 2)
            .add("b", new int[] {2}, 3)
            .add("c", new int[] {3}, 4)
            .build();
    SasRec model = SasRec.builder(IdItemEmbedding.builder(9, 4).build()).build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Trainer.builder(model)
                    .loss(InfoNce.withNegatives(1))
                    .batchSize(2)
                    .epochs(3)
                    .learningRateSchedule(LearningRateSchedule.constant().warmUp(7))
                    .fit(train))
        .withMessage("warmUp must be at most the 6 steps of the run, found 7");
  }

  /** A step at a share of the rate is a step at that rate, its decoupled decay included. */
  @Test
  void adamStepsAtAShareOfItsRate() {
    for (boolean decoupled : new boolean[] {false, true}) {
      Tensor[] found = {Tensor.of(new float[] {1, -2}, 2), Tensor.of(new float[] {1, -2}, 2)};
      for (int i = 0; i < 2; i++) {
        Map<String, Tensor> parameters = Map.of("w", found[i]);
        Gradients gradients = Gradients.of(parameters);
        gradients.get("w").copyFrom(Tensor.of(new float[] {0.3f, 0.1f}, 2));
        Adam adam =
            Adam.builder(parameters)
                .learningRate(i == 0 ? 0.1 : 0.025)
                .weightDecay(0.1)
                .decoupledWeightDecay(decoupled)
                .build();
        adam.step(gradients, i == 0 ? 0.25 : 1);
      }
      assertThat(found[0].floats()).isEqualTo(found[1].floats());
    }
  }
}
