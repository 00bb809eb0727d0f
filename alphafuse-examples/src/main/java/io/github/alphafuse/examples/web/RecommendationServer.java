package io.github.alphafuse.examples.web;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.io.ByteStreams;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.SavedDescription;
import io.github.alphafuse.backbones.serve.ServingStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for recommendations over HTTP, and serves a page that shows them.
 *
 * <p>Thread-safe. Close it when it is no longer used; the recommender stays open.
 */
public final class RecommendationServer implements AutoCloseable {
  /** The largest body of a request in bytes. */
  static final int MOST_BODY = 1 << 20;

  /** The longest query of a request in characters. */
  static final int MOST_QUERY = 8 << 10;

  /** What is read of a body that is too large, so that its sender gets to read the answer. */
  private static final int MOST_DISCARDED = 16 << 20;

  /** Threads beside those that answer, which read requests that arrive slowly and refuse others. */
  private static final int MORE_THREADS = 32;

  private static final ImmutableMap<String, String> ALWAYS =
      ImmutableMap.of(
          "Content-Security-Policy",
          "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin");

  private final LiveRecommender recommender;
  private final Consumer<String> problems;
  private final Duration patience;
  private final int threads;
  private final Endpoints endpoints;
  private final ImmutableMap<String, Endpoint> byPath;
  private final HttpServer server;
  private final ThreadPoolExecutor workers;
  private final ExecutorService background;

  /** A permit for each request that may be answered at once. */
  private final Semaphore slots;

  /** A permit for each request in the house; all are taken to wait for the last. */
  private final Semaphore inside = new Semaphore(Integer.MAX_VALUE);

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private volatile boolean closing;

  private RecommendationServer(Builder options) {
    this.recommender = options.recommender;
    this.problems = options.problems;
    this.patience = options.patience;
    this.threads = options.threads;
    this.slots = new Semaphore(threads);
    ThreadFactoryBuilder names = new ThreadFactoryBuilder().setDaemon(true);
    this.background =
        Executors.newSingleThreadExecutor(names.setNameFormat("alphafuse-map").build());
    this.workers =
        new ThreadPoolExecutor(
            threads + MORE_THREADS,
            threads + MORE_THREADS,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            names.setNameFormat("alphafuse-http-%d").build());
    workers.allowCoreThreadTimeOut(true);
    this.endpoints =
        new Endpoints(
            recommender,
            background,
            new Endpoints.Options(options.titles, options.description, problems));
    ImmutableMap<String, Reply> page = PageFiles.byPath();
    ImmutableMap.Builder<String, Endpoint> all = ImmutableMap.builder();
    page.forEach((path, file) -> all.put(path, Endpoint.unlimited(given -> file)));
    all.putAll(endpoints.byPath());
    all.put("/statistics", Endpoint.unlimited(given -> statistics()));
    this.byPath = all.buildOrThrow();
    // Titles are read before the first request.
    endpoints.served();
    try {
      this.server = HttpServer.create(options.address, 0);
    } catch (IOException e) {
      background.shutdownNow();
      throw new UncheckedIOException(
          "cannot listen on "
              + options.address.getHostString()
              + ", port "
              + options.address.getPort()
              + ": "
              + e.getMessage(),
          e);
    }
    server.setExecutor(workers);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * A builder with the default options.
   *
   * @param recommender what answers
   * @return the builder
   */
  public static Builder builder(LiveRecommender recommender) {
    return new Builder(recommender);
  }

  /**
   * The address that requests are sent to.
   *
   * @return the address and the port, also if any free port was asked for
   */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean entered = inside.tryAcquire();
    try (exchange) {
      if (!entered || closing) {
        exchange.getResponseHeaders().set("Connection", "close");
        send(exchange, Reply.failure(503, "the server is shutting down").retryAfterSecond());
      } else {
        send(exchange, reply(exchange));
      }
    } finally {
      if (entered) {
        inside.release();
      }
    }
  }

  private Reply reply(HttpExchange exchange) throws IOException {
    Reply reply;
    try {
      reply = answer(exchange);
    } catch (RefusedException e) {
      reply = Reply.failure(e.status(), String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      problems.accept(exchange.getRequestURI().getPath() + " failed: " + e);
      reply = Reply.failure(500, "the server failed; its log says why");
    }
    String path = exchange.getRequestURI().getPath();
    counts
        .computeIfAbsent(
            (byPath.containsKey(path) ? path : "other") + " " + reply.status(),
            any -> new LongAdder())
        .increment();
    return reply;
  }

  private Reply answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    Endpoint endpoint = byPath.get(path);
    if (endpoint == null) {
      throw RefusedException.notFound("there is nothing at " + Parameters.shown(path));
    }
    String method = exchange.getRequestMethod();
    if (method.equals("OPTIONS")) {
      return new Reply(204, ImmutableMap.of("Allow", endpoint.allowed()), new byte[0]);
    }
    if (!method.equals("HEAD") && !endpoint.methods().contains(method)) {
      return Reply.failure(
              405,
              path + " is asked by " + endpoint.allowed() + ", found " + Parameters.shown(method))
          .with("Allow", endpoint.allowed());
    }
    Parameters parameters = parameters(exchange, endpoint);
    if (!endpoint.isLimited()) {
      return endpoint.answer().apply(parameters);
    }
    if (!slots.tryAcquire()) {
      return Reply.failure(503, "the server answers " + threads + " other requests; try again")
          .retryAfterSecond();
    }
    try {
      return endpoint.answer().apply(parameters);
    } finally {
      slots.release();
    }
  }

  private static Parameters parameters(HttpExchange exchange, Endpoint endpoint)
      throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null && query.length() > MOST_QUERY) {
      throw RefusedException.withStatus(
          414,
          "the query must have at most "
              + MOST_QUERY
              + " characters, found "
              + query.length()
              + "; POST takes more");
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      return QueryParameters.read(query, endpoint.parameters());
    }
    if (query != null && !query.isEmpty()) {
      throw RefusedException.badRequest("a POST has its parameters in the body, found a query");
    }
    requireJson(exchange.getRequestHeaders().getFirst("Content-Type"));
    return JsonParameters.read(body(exchange), endpoint.parameters());
  }

  private static void requireJson(@Nullable String contentType) {
    String type = contentType == null ? "application/json" : contentType.toLowerCase(Locale.ROOT);
    if (!type.matches("application/json\\s*(;.*)?")) {
      throw RefusedException.withStatus(
          415, "the body must be application/json, found " + Parameters.shown(type));
    }
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    InputStream stream = exchange.getRequestBody();
    byte[] body = stream.readNBytes(MOST_BODY + 1);
    if (body.length > MOST_BODY) {
      ByteStreams.exhaust(ByteStreams.limit(stream, MOST_DISCARDED));
      exchange.getResponseHeaders().set("Connection", "close");
      throw RefusedException.withStatus(
          413, "the body must have at most " + MOST_BODY + " bytes, found more");
    }
    return body;
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    ALWAYS.forEach(headers::set);
    reply.headers().forEach(headers::set);
    byte[] body = reply.body();
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(reply.status(), -1);
    } else if (body.length == 0) {
      exchange.sendResponseHeaders(reply.status(), -1);
    } else {
      exchange.sendResponseHeaders(reply.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private record Latency(double median, double p99, double longest) {}

  private record Statistics(
      String version,
      double uptimeSeconds,
      int threads,
      int running,
      Map<String, Long> answersByPathAndStatus,
      long recommendations,
      long failures,
      long fallbacks,
      long unknownItems,
      long swaps,
      long failedReloads,
      Latency latencyMilliseconds) {}

  private Reply statistics() {
    ServingStatistics served = recommender.statistics();
    return Reply.ok(
        new Statistics(
            served.version(),
            endpoints.uptimeSeconds(),
            threads,
            threads - slots.availablePermits(),
            counts.entrySet().stream()
                .collect(
                    ImmutableSortedMap.toImmutableSortedMap(
                        String::compareTo, Map.Entry::getKey, count -> count.getValue().sum())),
            served.answers(),
            served.failures(),
            served.fallbacks(),
            served.unknownItems(),
            served.swaps(),
            served.failedReloads(),
            new Latency(
                milliseconds(served.latency(50)),
                milliseconds(served.latency(99)),
                milliseconds(served.latency(100)))));
  }

  private static double milliseconds(Duration time) {
    return time.toNanos() / 1_000 / 1e3;
  }

  /**
   * Ends the server. Requests that run are answered, as long as {@link Builder#patience} allows;
   * new ones are refused.
   */
  @Override
  public void close() {
    closing = true;
    // The answers of the last requests are written before their permits come back.
    if (Uninterruptibles.tryAcquireUninterruptibly(inside, Integer.MAX_VALUE, patience)) {
      // Closing it again waits for nothing.
      inside.release(Integer.MAX_VALUE);
    } else {
      problems.accept("requests that still run after " + patience + " are cut off");
    }
    server.stop(0);
    workers.shutdownNow();
    background.shutdownNow();
  }

  /** Options of a {@link RecommendationServer}. Not thread-safe. */
  public static final class Builder {
    private final LiveRecommender recommender;
    private InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    private int threads = 2 * Math.max(4, Runtime.getRuntime().availableProcessors());
    private Duration patience = Duration.ofSeconds(30);
    private Function<ItemVocabulary, ? extends Map<String, String>> titles =
        vocabulary -> ImmutableMap.of();
    private Function<String, Optional<SavedDescription>> description = version -> Optional.empty();
    private Consumer<String> problems = problem -> {};

    private Builder(LiveRecommender recommender) {
      this.recommender = recommender;
    }

    /**
     * Sets where requests arrive. The default is port 8080 of the loopback interface.
     *
     * @param address the address; port 0 is any free one
     * @return this builder
     * @throws IllegalArgumentException if the name of the host is not known
     */
    @CanIgnoreReturnValue
    public Builder address(InetSocketAddress address) {
      checkArgument(
          !address.isUnresolved(),
          "address must be one of this machine, found the unknown name '%s'",
          address.getHostString());
      this.address = address;
      return this;
    }

    /**
     * Sets how many requests are answered at once. More are refused with status 503. The default is
     * twice the number of processors, at least 8.
     *
     * @param threads the number, at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    @CanIgnoreReturnValue
    public Builder threads(int threads) {
      checkArgument(
          threads >= 1 && threads <= 1_000, "threads must be from 1 to 1000, found %s", threads);
      this.threads = threads;
      return this;
    }

    /**
     * Sets how long {@link RecommendationServer#close} waits for requests that run. The default is
     * 30 seconds.
     *
     * @param patience the time, not negative
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    @CanIgnoreReturnValue
    public Builder patience(Duration patience) {
      checkArgument(!patience.isNegative(), "patience must be 0 or more, found %s", patience);
      this.patience = patience;
      return this;
    }

    /**
     * Sets what gives the titles of a model's items, for each model that takes over. The default
     * gives none.
     *
     * @param titles gives titles by id for the items of a model
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder titles(Function<ItemVocabulary, ? extends Map<String, String>> titles) {
      this.titles = titles;
      return this;
    }

    /**
     * Sets what describes a model, for each that takes over. The default describes none.
     *
     * @param description gives what the file of a version says of itself
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder description(Function<String, Optional<SavedDescription>> description) {
      this.description = description;
      return this;
    }

    /**
     * Sets what hears of problems that are the server's own. The default ignores them.
     *
     * @param problems takes one line for each
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder problems(Consumer<String> problems) {
      this.problems = problems;
      return this;
    }

    /**
     * Starts the server.
     *
     * @return the server, which answers requests
     * @throws UncheckedIOException if the port cannot be used
     */
    public RecommendationServer start() {
      return new RecommendationServer(this);
    }
  }
}
