package io.github.alphafuse.examples.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class FlagNamesTest {
  private static final CommandSpec TRAIN =
      Converters.register(new CommandLine(SequenceOptions.of(Backbone.SAS_REC))).getCommandSpec();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--warm_up 2|warmUp must be at most the 1 steps|--warm_up must be at most the 1 steps",
        "--warm-up=2|warmUp must be at most the 1 steps|--warm-up must be at most the 1 steps",
        "--lr 1|warmUp must be at most the 1 steps|--warm_up must be at most the 1 steps",
        "--hidden-dim 9|a nullDim of at most embeddingDim|a --null_dim of at most --hidden-dim",
        "--num-heads 2|heads must divide 15|--num-heads must divide 15",
        "--num-heads 2|two heads are too many|two heads are too many",
        "--lr 1|stride must divide 2000|stride must divide 2000",
        "--lr 1|unknown: --nullDim|unknown: --nullDim",
        "--lr 1|maxEmbeddingDim is free|maxEmbeddingDim is free"
      })
  void namesTheFlagAsItWasTyped(String arguments, String message, String named) {
    assertThat(FlagNames.inMessage(message, TRAIN, List.of(arguments.split(" ")))).isEqualTo(named);
  }
}
