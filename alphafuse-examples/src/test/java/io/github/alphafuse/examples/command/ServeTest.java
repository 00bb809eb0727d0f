package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.examples.AlphaFuse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code serve}, as a program of its own. */
@Timeout(180)
class ServeTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void train() {
    for (String line :
        List.of(
            "generate-data --output FOLDER/data --items 80 --users 200 --dim 8",
            "train -q --data FOLDER/data --epoch 1 --output FOLDER/model",
            "train -q --data FOLDER/data --epoch 2 --output FOLDER/next")) {
      assertThat(Execution.line(line, folder).exitCode()).isZero();
    }
  }

  private static Process program(String line) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dalphafuse.threads=1",
                "-XX:TieredStopAtLevel=1",
                "-Dsun.net.httpserver.maxReqTime=2",
                "-Dsun.net.httpserver.timerMillis=500",
                "-cp",
                System.getProperty("java.class.path"),
                AlphaFuse.class.getName()));
    command.addAll(Arrays.asList(line.replace("FOLDER", folder.toString()).split(" ")));
    return new ProcessBuilder(command).redirectError(folder.resolve("errors").toFile()).start();
  }

  private static String get(URI root, String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(root.resolve(path)).build(), BodyHandlers.ofString())
        .body();
  }

  @Test
  void servesUntilItIsToldToEnd() throws Exception {
    Path model = folder.resolve("served");
    Files.copy(folder.resolve("model"), model);
    Process process =
        program("serve --model FOLDER/served --data FOLDER/data --port 0 --reload_interval 0.1");
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String ready = String.valueOf(out.readLine());
      assertThat(ready)
          .as(Files.readString(folder.resolve("errors")))
          .matches("Serving .*served \\(version [0-9a-f]{8}\\) on http://127.0.0.1:\\d+/");
      URI root = URI.create(ready.substring(ready.indexOf("http")));
      assertThat(get(root, "/recommend?history=7&count=1")).contains("\"title\":\"", " no. ");
      assertThat(get(root, "/model")).contains("\"epochs\":1,");
      assertThat(get(root, "/")).contains("<title>AlphaFuse");

      // Another model takes its place.
      Files.move(folder.resolve("next"), model, StandardCopyOption.ATOMIC_MOVE);
      while (!get(root, "/model").contains("\"epochs\":2,")) {
        Thread.sleep(50);
      }
      // A file that is none is told.
      Files.writeString(folder.resolve("broken"), "no model");
      Files.move(folder.resolve("broken"), model, StandardCopyOption.ATOMIC_MOVE);
      while (get(root, "/health").contains("\"failedReload\":null")) {
        Thread.sleep(50);
      }
      assertThat(get(root, "/recommend?history=7")).contains("\"items\":[{");

      // Half a request does not hold a thread for long.
      try (Socket slow = new Socket(root.getHost(), root.getPort())) {
        slow.setSoTimeout(60_000);
        slow.getOutputStream()
            .write(
                "POST /recommend HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"
                    .getBytes(StandardCharsets.UTF_8));
        assertThat(endsIn(slow)).isTrue();
      }

      // Unlike the method of the process itself, this leaves its output open.
      process.toHandle().destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(out.readLine()).isEqualTo("Stopped");
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean endsIn(Socket socket) {
    try {
      return socket.getInputStream().readAllBytes().length == 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // closed with a reset
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "serve --model FOLDER/none|1|--model names no file",
        "serve --model FOLDER/data/items.tsv --port 0|1|items.tsv",
        "serve --model FOLDER/model --port 65536|1|--port must be from 0 to 65535, found 65536",
        "serve --model FOLDER/model --port x|2|--port",
        "serve --model FOLDER/model --threads 0|2|expected a whole number of at least 1, found '0'",
        "serve --model FOLDER/model --threads 5000 --port 0|1|threads must be from 1 to 1000, found 5000",
        "serve --model FOLDER/model --reload_interval 0|2|expected a number above 0, found '0'",
        "serve --model FOLDER/model --host no.such.invalid|1|--host must be an address",
        "serve --model FOLDER/model --data FOLDER/none --port 0|1|--data must name a data folder",
        "serve|2|--model",
      })
  void refusesABadCommandLine(String line, int exitCode, String message) {
    Execution execution = Execution.line(line, folder);
    assertThat(execution.err()).contains(message);
    assertThat(execution.errorLines()).isEqualTo(1);
    assertThat(execution.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Execution execution =
          Execution.line("serve --model FOLDER/model --port " + taken.getLocalPort(), folder);
      assertThat(execution.err())
          .startsWith("error: cannot listen on 127.0.0.1, port " + taken.getLocalPort());
      assertThat(execution.exitCode()).isEqualTo(1);
    }
  }
}
