package io.github.alphafuse.backbones.internal.ranking;

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
 * Answers requests on the threads that make them, a few at a time. Requests that arrive while all
 * threads are busy wait, and are then answered several at once.
 *
 * <p>A request without others is answered immediately, as without a batcher. The others are
 * answered in the order of arrival: when a thread has answered its requests, it wakes the one that
 * waited longest, which also answers the requests after its own. Many waiting requests are
 * therefore answered together, instead of by many threads that take turns.
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
  private int atWork; // guarded by waiting; all threads are busy while any request waits

  /**
   * A batcher without waiting requests.
   *
   * @param threads the number of threads that answer requests at the same time
   * @param most the largest number of requests that are answered at once
   * @param answers answers requests in their order
   */
  RequestBatcher(int threads, int most, Function<List<Q>, List<R>> answers) {
    checkArgument(threads >= 1, "threads must be at least 1, found %s", threads);
    checkArgument(most >= 1, "most must be at least 1, found %s", most);
    this.threads = threads;
    this.most = most;
    this.answers = answers;
  }

  /** A request and its state. */
  private static final class Ticket<Q, R> {
    private final Q request;
    private final Thread owner = Thread.currentThread();
    private @Nullable Ticket<Q, R> next; // the next one of the same batch
    private @Nullable R answer;
    private @Nullable RuntimeException failure;
    private boolean first; // whether it is the first of a batch, which its owner answers
    private volatile boolean called;

    Ticket(Q request) {
      this.request = request;
    }

    /** Lets the owner continue. Only its thread uses the request from then on. */
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
   * @throws RuntimeException the exception of answering this request
   */
  R call(Q request) {
    Ticket<Q, R> own = new Ticket<>(request);
    synchronized (waiting) {
      own.first = atWork < threads;
      if (own.first) {
        atWork++;
      } else {
        waiting.add(own);
      }
    }
    if (!own.first) {
      own.awaitCall();
    }
    if (own.first) {
      answerAll(own);
    } else if (own.answer == null && own.failure == null) {
      answerOne(own); // the thread that took it died of an error
    }
    if (own.failure != null) {
      throw own.failure;
    }
    return requireNonNull(own.answer);
  }

  /** Answers the requests of a batch, then passes this thread's turn to waiting requests. */
  private void answerAll(Ticket<Q, R> first) {
    try {
      if (first.next == null) {
        answerOne(first);
      } else {
        answerTogether(first);
      }
    } finally {
      // Nothing here may fail, even without memory, because others wait for the turn.
      Ticket<Q, R> ticket = first.next;
      while (ticket != null) {
        Ticket<Q, R> next = ticket.next;
        ticket.call();
        ticket = next;
      }
      callNext();
    }
  }

  private void answerTogether(Ticket<Q, R> first) {
    List<Ticket<Q, R>> batch = new ArrayList<>();
    for (Ticket<Q, R> ticket = first; ticket != null; ticket = ticket.next) {
      batch.add(ticket);
    }
    try {
      List<R> found = answers.apply(batch.stream().map(ticket -> ticket.request).toList());
      for (int i = 0; i < found.size(); i++) {
        batch.get(i).answer = found.get(i);
      }
    } catch (RuntimeException e) {
      // A request that cannot be answered fails only its own caller.
      batch.forEach(this::answerOne);
    }
  }

  private void answerOne(Ticket<Q, R> ticket) {
    try {
      ticket.answer = answers.apply(List.of(ticket.request)).get(0);
    } catch (RuntimeException e) {
      ticket.failure = e;
    }
  }

  /** Passes this thread's turn to a fair share of the waiting requests, or gives it up. */
  private void callNext() {
    Ticket<Q, R> first;
    synchronized (waiting) {
      int share = Math.min(most, (waiting.size() + threads - 1) / threads);
      first = waiting.poll();
      if (first == null) {
        atWork--;
        return;
      }
      first.first = true;
      Ticket<Q, R> last = first;
      for (int i = 1; i < share; i++) {
        last.next = waiting.remove();
        last = last.next;
      }
    }
    first.call();
  }
}
