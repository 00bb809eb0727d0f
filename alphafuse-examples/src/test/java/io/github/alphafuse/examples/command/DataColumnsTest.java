package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables without usual names, and remarks on data, from the command line. */
class DataColumnsTest {
  private static final String QUICK =
      " --model_type SASRec --hidden_dim 8 --neg_ratio 2 --epoch 1 --lr 0.01 --max_length 4";
  private static final int ITEMS = 50;
  private static final int ROW_BYTES = 4 * 12;

  @TempDir static Path root;

  @BeforeAll
  static void write() throws IOException {
    GeneratedCatalogue.builder()
        .items(ITEMS)
        .users(60)
        .dim(12)
        .seed(1)
        .build()
        .write(root.resolve("given"));
    byte[] text = Files.readAllBytes(root.resolve("given/item_embeddings.npy"));
    StringBuilder toys = new StringBuilder();
    StringBuilder clicks = new StringBuilder("SessionId;ItemId;seen_at\n");
    StringBuilder plain = new StringBuilder("user,item\n");
    StringBuilder padded = new StringBuilder();
    for (int user = 0; user < 40; user++) {
      padded.append('u').append(user).append('\t');
      for (int i = 0; i < 8; i++) {
        int item = (7 * user + i) % ITEMS;
        toys.append(item).append(",u").append(user).append(",4.0,").append(1e9 - i).append('\n');
        clicks.append(user).append(';').append(item).append(";2024-01-0").append(9 - i);
        clicks.append(" 12:00:00\n");
        plain.append(user).append(',').append(item).append('\n');
        padded.append(item == 0 ? 1 : item).append(' ');
      }
      padded.append('\n');
    }
    folder("toys", "toys.csv", toys, text);
    folder("clicks", "clicks.csv", clicks, text);
    folder("plain", "plain.csv", plain, text);
    byte[] zeros = text.clone();
    int first = text.length - ITEMS * ROW_BYTES;
    Arrays.fill(zeros, first, first + ROW_BYTES, (byte) 0);
    folder("padded", "sequences.tsv", padded, zeros);
  }

  private static void folder(String name, String file, CharSequence content, byte[] text)
      throws IOException {
    Path folder = Files.createDirectory(root.resolve(name));
    Files.writeString(folder.resolve(file), content);
    Files.write(folder.resolve("item_embeddings.npy"), text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "toys --columns item,user,rating,time --split temporal",
        "toys --columns what,who,stars,at --user-column who --item_column what --time_column at"
            + " --rating_column stars --min_rating 4 --split temporal",
        "clicks --user_column SessionId --item_column ItemId --time-column seen_at --split temporal",
        "clicks --user_column SessionId --item_column ItemId --file_order",
        "plain --interactions plain.csv plain.csv --distinct --max_line_length 99 --max_expansion 9"
      })
  void columnsAreNamed(String flags) {
    Execution run = Execution.line("train --quiet --data FOLDER/" + flags + QUICK, root);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data FOLDER/toys|name all columns by --columns",
        "--data FOLDER/clicks|if it has another name, set --user_column",
        "--data FOLDER/clicks --user_column SessionId --item_column ItemId|found seen_at, which looks"
            + " like times; name it by --time_column, or set --file_order",
        "--data FOLDER/plain --time_column when|expected a column named when, found the columns user,"
            + " item",
        "--data FOLDER/plain --time_column item --file_order|--file_order has no effect beside"
            + " --time_column",
        "--data FOLDER/padded --user_column u|--user_column needs a file of interactions, found whole"
            + " sequences",
        "--data FOLDER/plain --max_line_length 3|expected a line of at most 3 bytes, found a longer"
            + " one; --max_line_length sets the limit"
      })
  void badColumnsAreOneLine(String flags, String message) {
    Execution run = Execution.line("train --quiet " + flags + QUICK, root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void remarksOnDataArePrinted() {
    String zeros = "Note:       row 0 of the language embeddings is all zeros";
    String fromOne = "Note:       item 0 has no interactions and nearly all others have: ids look";
    String order = "Note:       plain.csv has no column of times";
    Execution trained =
        Execution.line("train --data FOLDER/padded --output FOLDER/m" + QUICK, root);
    assertThat(trained.out()).containsOnlyOnce(zeros).containsOnlyOnce(fromOne);
    Execution evaluated = Execution.line("evaluate --model FOLDER/m --data FOLDER/padded", root);
    assertThat(evaluated.out()).containsOnlyOnce(fromOne);
    Execution graph =
        Execution.line("train_graph --data FOLDER/padded --hidden_dim 8 --epoch 1", root);
    assertThat(graph.out()).containsOnlyOnce(zeros).containsOnlyOnce(fromOne);
    Execution inOrder =
        Execution.line("train_graph --data FOLDER/plain --hidden_dim 8 --epoch 1", root);
    assertThat(inOrder.out()).containsOnlyOnce(order);
    assertThat(Execution.line("train --data FOLDER/plain" + QUICK, root).out())
        .containsOnlyOnce(order)
        .doesNotContain(zeros);
    assertThat(Execution.line("train --data FOLDER/plain --file_order" + QUICK, root).out())
        .doesNotContain("Note:");
  }
}
