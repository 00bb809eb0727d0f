package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.Uninterruptibles;
import io.github.alphafuse.backbones.model.Backend;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.SavedDescription;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.FolderOptions;
import io.github.alphafuse.examples.option.Heading;
import io.github.alphafuse.examples.option.Numbers;
import io.github.alphafuse.examples.web.RecommendationServer;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves recommendations over HTTP until the process is told to end. */
@Heading("Service")
@Command(
    name = "serve",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Answer requests for recommendations over HTTP, with a page to try them. The model's file"
            + " is watched: a new model in its place is served without a pause. SIGTERM ends the"
            + " service after the requests that run.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse serve --model model.alphafuse --data my-data",
      "  alphafuse serve --model model.alphafuse --port 9000 --threads 32 --reload_interval 60"
    })
public final class ServeCommand implements Callable<Integer> {
  /** Settings of the JDK's server, which reads them once: times in seconds, sizes in bytes. */
  private static final ImmutableMap<String, String> SERVER_SETTINGS =
      ImmutableMap.of(
          "sun.net.httpserver.maxReqTime", "20",
          "sun.net.httpserver.maxRspTime", "60",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.maxReqHeaderSize", "32768",
          "sun.net.httpserver.nodelay", "true");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description =
          "Model file, as saved by --output of train, train_diffusion or train_graph. Replace it"
              + " by a rename to serve another model.")
  private Path model = Path.of("");

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Address to listen on (default: ${DEFAULT-VALUE}, which only this machine reaches). The"
              + " service has no passwords and no encryption: put a proxy before it.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "Number of requests that are answered at once; more are refused with status 503"
              + " (default: twice the number of processors, at least 8).")
  private @Nullable Integer threads;

  @Option(
      names = {"--reload_interval", "--reload-interval"},
      paramLabel = "SECONDS",
      converter = Numbers.Positive.class,
      description = "Time between two looks at the model's file (default: ${DEFAULT-VALUE}).")
  private double reloadInterval = 5;

  @Mixin private final FolderOptions data = new FolderOptions();

  /** Creates the command with its default options. */
  public ServeCommand() {}

  @Override
  public Integer call() {
    if (!Files.isRegularFile(model)) {
      throw new CommandFailedException("--model names no file: expected a saved model at " + model);
    }
    if (port < 0 || port > 65_535) {
      throw new CommandFailedException("--port must be from 0 to 65535, found " + port);
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new CommandFailedException(
          "--host must be an address of this machine, found '" + host + "'");
    }
    data.requireFolder();
    Backend.require();
    SERVER_SETTINGS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    LiveRecommender recommender =
        LiveRecommender.builder(model)
            .interval(Duration.ofNanos((long) (reloadInterval * 1e9)))
            .build();
    RecommendationServer server;
    try {
      server = server(recommender, address, line.getErr());
    } catch (RuntimeException e) {
      recommender.close();
      throw e;
    }
    endOnSignal(server, recommender, line.getOut());
    line.getOut()
        .println(
            "Serving "
                + model
                + " (version "
                + recommender.version()
                + ") on http://"
                + name(server.address())
                + "/");
    line.getOut().flush();
    Uninterruptibles.awaitUninterruptibly(new CountDownLatch(1));
    return 0;
  }

  private RecommendationServer server(
      LiveRecommender recommender, InetSocketAddress address, PrintWriter err) {
    RecommendationServer.Builder server =
        RecommendationServer.builder(recommender)
            .address(address)
            .titles(items -> data.loadTitlesById(items).orElse(ImmutableMap.of()))
            .description(this::description)
            .problems(
                problem -> {
                  err.println("warning: " + problem);
                  err.flush();
                });
    if (threads != null) {
      server.threads(threads);
    }
    return server.start();
  }

  /** What the file says of itself, if it still holds the version. */
  private Optional<SavedDescription> description(String version) {
    try {
      SavedDescription description = SavedModel.describe(model);
      return SavedModel.checksum(model).equals(version)
          ? Optional.of(description)
          : Optional.empty();
    } catch (RuntimeException e) {
      // The next model is being written; it brings a description of its own.
      return Optional.empty();
    }
  }

  private static String name(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Ends with exit code 0 after a signal, which alone would be reported as a failure. */
  private static void endOnSignal(
      RecommendationServer server, LiveRecommender recommender, PrintWriter out) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  recommender.close();
                  out.println("Stopped");
                  out.flush();
                  Runtime.getRuntime().halt(0);
                },
                "alphafuse-stop"));
  }
}
