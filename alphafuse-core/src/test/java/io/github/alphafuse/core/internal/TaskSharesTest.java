package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskSharesTest {

  private static List<Integer> takeAll(TaskShares shares, int share) {
    List<Integer> taken = new ArrayList<>();
    for (int task = shares.take(share); task != TaskShares.NONE; task = shares.take(share)) {
      taken.add(task);
    }
    return taken;
  }

  @Test
  void giveAThreadItsOwnTasksFirstAndThenThoseOfTheNext() {
    assertThat(takeAll(new TaskShares(6, 3), 1)).containsExactly(2, 3, 4, 5, 0, 1);
    assertThat(takeAll(new TaskShares(5, 2), 0)).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void giveWhatOthersHaveLeft() {
    TaskShares shares = new TaskShares(6, 2);
    assertThat(shares.take(0)).isZero();
    assertThat(takeAll(shares, 1)).containsExactly(3, 4, 5, 1, 2);
    assertThat(shares.take(0)).isEqualTo(TaskShares.NONE);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 4", "1, 4", "3, 4", "4, 4", "1000, 7"})
  void giveEachTaskOnceFromWhicheverShare(int tasks, int count) {
    for (int share = 0; share < count; share++) {
      assertThat(takeAll(new TaskShares(tasks, count), share))
          .hasSize(tasks)
          .doesNotHaveDuplicates()
          .allMatch(task -> task >= 0 && task < tasks);
    }
  }

  @Test
  void knowATakerThatHasNoShareOfItsOwn() {
    assertThat(takeAll(new TaskShares(4, 2), 5)).containsExactly(2, 3, 0, 1);
  }

  @Test
  void giveEachTaskOnceToThreadsSideBySide() throws InterruptedException {
    int count = 50_000;
    AtomicIntegerArray taken = new AtomicIntegerArray(count);
    TaskShares shares = new TaskShares(count, 3);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int share = i % 3;
      Thread thread =
          new Thread(
              () -> {
                for (int task = shares.take(share);
                    task != TaskShares.NONE;
                    task = shares.take(share)) {
                  taken.incrementAndGet(task);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (int i = 0; i < count; i++) {
      assertThat(taken.get(i)).as("task %s", i).isEqualTo(1);
    }
  }
}
