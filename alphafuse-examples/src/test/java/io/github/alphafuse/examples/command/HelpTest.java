package io.github.alphafuse.examples.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The help of every command. */
class HelpTest {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  static Stream<String> commands() {
    return RootCommand.commandLine().getSubcommands().keySet().stream()
        .filter(name -> !name.equals("train-diffusion") && !name.equals("train-graph"));
  }

  private static CommandLine command(String name) {
    return requireNonNull(RootCommand.commandLine().getSubcommands().get(name));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void namesEachOptionOnceUnderAHeading(String name) {
    CommandLine command = command(name).setUsageHelpAutoWidth(false);
    String help = command.getUsageMessage();
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.hidden()) {
        assertThat(help).contains(option.longestName());
      }
    }
    assertThat(help.lines().filter(line -> line.matches("[A-Z][A-Za-z ]*:"))).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void fitsTheWidthOfATerminal(String name) {
    for (int width : new int[] {60, 80, 120}) {
      String help =
          command(name).setUsageHelpAutoWidth(false).setUsageHelpWidth(width).getUsageMessage();
      String options = help.substring(0, help.indexOf("Examples:"));
      assertThat(options.lines())
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void endsWithExamplesThatAreCommands(String name) {
    String help =
        command(name).setUsageHelpWidth(200).setUsageHelpAutoWidth(false).getUsageMessage();
    List<String> examples =
        Splitter.on('\n')
            .trimResults()
            .omitEmptyStrings()
            .splitToList(help.substring(help.indexOf("Examples:") + "Examples:".length()));
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      List<String> words = new ArrayList<>();
      Matcher matcher = WORD.matcher(example);
      while (matcher.find()) {
        words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
      }
      assertThat(words.get(0)).isEqualTo("alphafuse");
      assertThat(words.get(1)).isEqualTo(name);
      RootCommand.commandLine().parseArgs(words.subList(1, words.size()).toArray(new String[0]));
    }
  }
}
