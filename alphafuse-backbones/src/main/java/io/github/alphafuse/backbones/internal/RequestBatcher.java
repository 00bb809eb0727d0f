package io.github.alphafuse.backbones.internal;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests on the threads that make them, a few at a time; those that come while all are at
 * work wait, and are then answered several at once.
 *
 * <p>A request that meets no others is answered at once, as without a batcher. The others are taken
 * in the order in which they came: when a thread has answered its requests, it wakes the one that
 * waited longest, which answers those behind it too. So a crowd does not slow itself down by taking
 * turns, and is answered the faster the larger it is.
 *
 * <p>Thread-safe. A request must not make another one.
 *
 * @param <Q> a request
 * @param <R> its answer
 */
final class RequestBatcher<Q, R> {
  private final int threads;
  private final int most;
  private final Function<List<Q>, List<R>> answers;
  private final Deque<Ticket<Q, R>> waiting = new ArrayDeque<>(); // guarded by itself
  private int atWork; // guarded by waiting; all threads while any request waits

  /**
   * A batcher that nobody waits at.
   *
   * @param threads how many answer requests at the same time
   * @param most the most requests that are answered at once
   * @param answers answers requests in their order
   */
  RequestBatcher(int threads, int most, Function<List<Q>, List<R>> answers) {
    checkArgument(threads >= 1, "threads must be at least 1, found %s", threads);
    checkArgument(most >= 1, "most must be at least 1, found %s", most);
    this.threads = threads;
    this.most = most;
    this.answers = answers;
  }

  /** A request that was made and where it stands. */
  private static final class Ticket<Q, R> {
    private final Q request;
    private final Thread owner = Thread.currentThread();
    private @Nullable List<Ticket<Q, R>> batch; // that its owner answers, itself the first
    private @Nullable R answer;
    private volatile boolean called;

    Ticket(Q request) {
      this.request = request;
    }

    /** Tells the owner what became of the request; its thread alone goes on with it. */
    void call() {
      called = true;
      LockSupport.unpark(owner);
    }

    void awaitCall() {
      boolean interrupted = false;
      while (!called) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        owner.interrupt();
      }
    }
  }

  /**
   * Answers a request, or waits until another thread has.
   *
   * @param request the request
   * @return its answer
   * @throws RuntimeException what answering this request throws
   */
  R call(Q request) {
    Ticket<Q, R> ticket = new Ticket<>(request);
    boolean free;
    synchronized (waiting) {
      free = atWork < threads;
      if (free) {
        atWork++;
      } else {
        waiting.add(ticket);
      }
    }
    if (free) {
      return answerAll(List.of(ticket));
    }
    ticket.awaitCall();
    if (ticket.batch != null) {
      return answerAll(ticket.batch);
    }
    return ticket.answer != null ? ticket.answer : answerOne(request);
  }

  private R answerOne(Q request) {
    return answers.apply(List.of(request)).get(0);
  }

  /** Answers the requests of a batch and returns the first one's answer, the caller's own. */
  private R answerAll(List<Ticket<Q, R>> batch) {
    Ticket<Q, R> own = batch.get(0);
    boolean answered = false;
    try {
      List<R> found = answers.apply(batch.stream().map(ticket -> ticket.request).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer = found.get(i);
      }
      answered = true;
    } catch (RuntimeException e) {
      if (batch.size() == 1) {
        throw e;
      }
    } finally {
      // Without an answer, a thread makes its request again, alone: one that cannot be answered
      // fails its own caller only.
      batch.subList(1, batch.size()).forEach(Ticket::call);
      callNext();
    }
    return answered ? requireNonNull(own.answer) : answerOne(own.request);
  }

  /** Hands this thread's place to those that wait, a fair share of them, or gives it up. */
  private void callNext() {
    List<Ticket<Q, R>> batch = new ArrayList<>();
    synchronized (waiting) {
      int share = Math.min(most, (waiting.size() + threads - 1) / threads);
      for (int i = 0; i < share; i++) {
        batch.add(waiting.remove());
      }
      if (share == 0) {
        atWork--;
      }
    }
    if (!batch.isEmpty()) {
      Ticket<Q, R> first = batch.get(0);
      first.batch = batch;
      first.call();
    }
  }
}
