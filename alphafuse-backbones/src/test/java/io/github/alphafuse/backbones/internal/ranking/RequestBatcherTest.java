package io.github.alphafuse.backbones.internal.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestBatcherTest {
  private static final int UNANSWERABLE = -1;

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final List<Thread> started = new ArrayList<>();

  @AfterEach
  void stop() {
    callers.shutdownNow();
    started.forEach(Thread::interrupt);
  }

  /** Doubles numbers, once it is let; keeps what it was asked for at once. */
  private static final class Doubling implements Function<List<Integer>, List<Integer>> {
    private final Semaphore leave = new Semaphore(0);
    private final Semaphore entered = new Semaphore(0);
    private final List<List<Integer>> asked = new ArrayList<>();

    @Override
    public List<Integer> apply(List<Integer> numbers) {
      synchronized (asked) {
        asked.add(numbers);
      }
      entered.release();
      leave.acquireUninterruptibly();
      if (numbers.contains(UNANSWERABLE)) {
        throw new IllegalStateException("asked for " + numbers);
      }
      return numbers.stream().map(number -> 2 * number).toList();
    }
  }

  /** Makes a request on a thread of its own and returns when it waits there. */
  private Future<Integer> waiting(RequestBatcher<Integer, Integer> batcher, int request)
      throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    Thread[] caller = new Thread[1];
    Future<Integer> answer =
        callers.submit(
            () -> {
              caller[0] = Thread.currentThread();
              started.countDown();
              return batcher.call(request);
            });
    started.await();
    while (caller[0].getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return answer;
  }

  private Future<Integer> entering(
      RequestBatcher<Integer, Integer> batcher, Doubling doubling, int request)
      throws InterruptedException {
    Future<Integer> answer = callers.submit(() -> batcher.call(request));
    doubling.entered.acquire();
    return answer;
  }

  @Test
  void aRequestAloneIsAnsweredAtOnce() {
    Doubling doubling = new Doubling();
    doubling.leave.release(2);
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(1, 3, doubling);
    assertThat(batcher.call(7)).isEqualTo(14);
    assertThat(batcher.call(8)).isEqualTo(16);
    assertThat(doubling.asked).containsExactly(List.of(7), List.of(8));
  }

  @Test
  void requestsThatComeMeanwhileAreAnsweredTogetherInTheirOrder() throws Exception {
    Doubling doubling = new Doubling();
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(1, 3, doubling);
    List<Future<Integer>> answers = new ArrayList<>();
    answers.add(entering(batcher, doubling, 1));
    for (int request = 2; request <= 6; request++) {
      answers.add(waiting(batcher, request));
    }
    doubling.leave.release(3);
    for (int request = 1; request <= 6; request++) {
      assertThat(answers.get(request - 1).get()).isEqualTo(2 * request);
    }
    assertThat(doubling.asked).containsExactly(List.of(1), List.of(2, 3, 4), List.of(5, 6));
  }

  @Test
  void threadsShareThoseThatWait() throws Exception {
    Doubling doubling = new Doubling();
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(2, 8, doubling);
    List<Future<Integer>> answers = new ArrayList<>();
    answers.add(entering(batcher, doubling, 1));
    answers.add(entering(batcher, doubling, 2));
    for (int request = 3; request <= 7; request++) {
      answers.add(waiting(batcher, request));
    }
    doubling.leave.release(1);
    doubling.entered.acquire();
    doubling.leave.release(1);
    doubling.entered.acquire();
    assertThat(doubling.asked.subList(2, 4)).containsExactly(List.of(3, 4, 5), List.of(6));
    doubling.leave.release(3);
    for (Future<Integer> answer : answers) {
      answer.get();
    }
    assertThat(doubling.asked.get(4)).containsExactly(7);
  }

  @Test
  void oneThatCannotBeAnsweredFailsItsOwnCallerOnly() throws Exception {
    Doubling doubling = new Doubling();
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(1, 3, doubling);
    List<Future<Integer>> answers = new ArrayList<>();
    answers.add(entering(batcher, doubling, 1));
    answers.add(waiting(batcher, 2));
    answers.add(waiting(batcher, UNANSWERABLE));
    answers.add(waiting(batcher, 4));
    doubling.leave.release(5);
    assertThat(answers.get(0).get()).isEqualTo(2);
    assertThat(answers.get(1).get()).isEqualTo(4);
    assertThat(answers.get(3).get()).isEqualTo(8);
    assertThat(answers.get(2))
        .failsWithin(1, TimeUnit.MINUTES)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("asked for [-1]");
    doubling.leave.release();
    assertThat(batcher.call(5)).isEqualTo(10);
  }

  @Test
  void anErrorLeavesThePlaceAndTheOthers() throws Exception {
    Semaphore leave = new Semaphore(0);
    RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>(
            1,
            3,
            numbers -> {
              leave.acquireUninterruptibly();
              if (numbers.size() > 1) {
                throw new OutOfMemoryError("for a test");
              }
              return numbers;
            });
    Future<Integer> first = callers.submit(() -> batcher.call(1));
    while (leave.getQueueLength() == 0) {
      Thread.onSpinWait();
    }
    Future<Integer> dies = waiting(batcher, 2);
    Future<Integer> goesOn = waiting(batcher, 3);
    leave.release(3);
    assertThat(first.get()).isEqualTo(1);
    assertThat(goesOn.get()).isEqualTo(3);
    assertThat(dies)
        .failsWithin(1, TimeUnit.MINUTES)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(OutOfMemoryError.class);
    leave.release();
    assertThat(batcher.call(4)).isEqualTo(4);
  }

  @Test
  void aFailureAloneIsThrownAndLeavesThePlace() {
    Doubling doubling = new Doubling();
    doubling.leave.release(2);
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(1, 3, doubling);
    assertThatIllegalStateException().isThrownBy(() -> batcher.call(UNANSWERABLE));
    assertThat(batcher.call(3)).isEqualTo(6);
  }

  @Test
  void anInterruptedCallerStillGetsItsAnswer() throws Exception {
    Doubling doubling = new Doubling();
    RequestBatcher<Integer, Integer> batcher = new RequestBatcher<>(1, 3, doubling);
    Future<Integer> first = entering(batcher, doubling, 1);
    AtomicInteger answer = new AtomicInteger();
    AtomicInteger interrupts = new AtomicInteger();
    Thread caller =
        new Thread(
            () -> {
              answer.set(batcher.call(2));
              interrupts.set(Thread.interrupted() ? 1 : 0);
            });
    caller.start();
    started.add(caller);
    while (caller.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    caller.interrupt();
    doubling.leave.release(2);
    caller.join();
    first.get();
    assertThat(answer).hasValue(4);
    assertThat(interrupts).hasValue(1);
  }

  @Test
  void neverMoreThreadsThanAreAllowedAnswerTheRequestsOfACrowd() throws Exception {
    AtomicInteger atWork = new AtomicInteger();
    AtomicInteger mostAtWork = new AtomicInteger();
    AtomicInteger mostAtOnce = new AtomicInteger();
    RequestBatcher<Integer, Integer> batcher =
        new RequestBatcher<>(
            2,
            4,
            numbers -> {
              mostAtWork.accumulateAndGet(atWork.incrementAndGet(), Math::max);
              mostAtOnce.accumulateAndGet(numbers.size(), Math::max);
              List<Integer> doubled = numbers.stream().map(number -> 2 * number).toList();
              atWork.decrementAndGet();
              return doubled;
            });
    AtomicInteger next = new AtomicInteger();
    Callable<Integer> caller =
        () -> {
          int wrong = 0;
          for (int i = next.getAndIncrement(); i < 20_000; i = next.getAndIncrement()) {
            wrong += batcher.call(i) == 2 * i ? 0 : 1;
          }
          return wrong;
        };
    List<Callable<Integer>> crowd = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      crowd.add(caller);
    }
    for (Future<Integer> wrong : callers.invokeAll(crowd)) {
      assertThat(wrong.get()).isZero();
    }
    assertThat(mostAtWork.get()).isLessThanOrEqualTo(2);
    assertThat(mostAtOnce.get()).isLessThanOrEqualTo(4);
    assertThat(atWork).hasValue(0);
  }

  @Test
  void saysWhatItExpects() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RequestBatcher<Integer, Integer>(0, 1, numbers -> numbers))
        .withMessage("threads must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RequestBatcher<Integer, Integer>(1, 0, numbers -> numbers))
        .withMessage("most must be at least 1, found 0");
  }
}
