package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the pages for shops, one after the other, on a small shop. */
class GettingStartedTest {
  private static final String COMMAND = "    ./alphafuse ";

  /** Arguments that are files of the reader's own folder. */
  private static final Pattern FILE = Pattern.compile("(shop|my-data)(/.*)?|.*\\.alphafuse");

  private static final Pattern ARGUMENT = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  /** What makes a command quick, by its name. */
  private static final Map<String, List<String>> QUICK =
      Map.of(
          "generate-data", List.of("--items", "120", "--users", "300"),
          "train", List.of("--epoch", "2"));

  @TempDir private Path folder;

  @Test
  void theCommandsOfTheFirstPageRunOneAfterTheOther() throws IOException {
    List<Execution> runs = runAll("getting-started.md");

    assertThat(runs).hasSize(5);
    assertThat(runs.get(1).out()).contains("Products:", "Clicks:", "from the cache", "Written:");
    assertThat(runs.get(4).out()).contains("text ", "clicks ", "; from ");
  }

  @Test
  void theCommandsOfTheNightRunOneAfterTheOther() throws IOException {
    Execution shop = run("generate-data --shop --output shop");
    assertThat(shop.exitCode()).as(shop.err()).isZero();
    Path shopFolder = folder.resolve("shop");
    Files.move(shopFolder.resolve("products.csv"), folder.resolve("products.csv"));
    Files.move(shopFolder.resolve("clicks.csv"), folder.resolve("clicks.csv"));

    List<Execution> runs = runAll("service.md");

    assertThat(runs).hasSize(3);
    assertThat(folder.resolve("shop.alphafuse")).isRegularFile();
    assertThat(Execution.of("describe", folder.resolve("tested.alphafuse").toString()))
        .extracting(Execution::exitCode)
        .isEqualTo(0);
  }

  private List<Execution> runAll(String page) throws IOException {
    List<Execution> runs = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", page))) {
      if (line.startsWith(COMMAND) && !line.startsWith(COMMAND + "serve")) {
        Execution run = run(line.substring(COMMAND.length()));
        assertThat(run.exitCode()).as("%s%n%s%n%s", line, run.out(), run.err()).isZero();
        runs.add(run);
      }
    }
    return runs;
  }

  private Execution run(String command) {
    ImmutableList.Builder<String> arguments = ImmutableList.builder();
    Matcher argument = ARGUMENT.matcher(command);
    while (argument.find()) {
      String given = argument.group(1) != null ? argument.group(1) : argument.group(2);
      boolean isFile = FILE.matcher(given).matches() || given.matches("(products|clicks)\\.csv");
      arguments.add(isFile ? folder.resolve(given).toString() : given);
    }
    String name = Splitter.on(' ').splitToList(command).get(0);
    if (!command.contains("--final")) {
      arguments.addAll(QUICK.getOrDefault(name, List.of()));
    }
    return Execution.of(arguments.build().toArray(new String[0]));
  }
}
