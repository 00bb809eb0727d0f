package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.NpyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shop writes its catalogue anew, in another order, beside a model of the order before. */
class ReorderedCatalogueTest {
  private static final int ITEMS = 30;
  private static final int WIDTH = 6;
  private static final String DIFFERENCE = "row 4 is \"sku04\" in the model, found \"sku07\"";

  @TempDir private Path folder;

  @BeforeEach
  void writeCatalogues() throws IOException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, ITEMS).boxed().toList());
    write(folder.resolve("then"), order);
    Collections.swap(order, 4, 7);
    write(folder.resolve("now"), order);
  }

  private static String id(int item) {
    return String.format("sku%02d", item);
  }

  private static void write(Path data, List<Integer> order) throws IOException {
    Files.createDirectory(data);
    Files.write(data.resolve("item_ids.txt"), order.stream().map(item -> id(item)).toList());
    Files.write(
        data.resolve("items.tsv"),
        IntStream.range(0, ITEMS).mapToObj(row -> row + "\tTitle " + id(order.get(row))).toList());
    float[] rows = new float[ITEMS * WIDTH];
    for (int row = 0; row < ITEMS; row++) {
      Random random = new Random(order.get(row));
      for (int j = 0; j < WIDTH; j++) {
        rows[row * WIDTH + j] = (float) random.nextGaussian();
      }
    }
    NpyWriter.write(data.resolve("item_embeddings.npy"), Tensor.of(rows, ITEMS, WIDTH));
    List<String> sequences =
        IntStream.range(0, 40)
            .mapToObj(u -> id(u % ITEMS) + " " + id((u + 1) % ITEMS) + " " + id((u + 2) % ITEMS))
            .toList();
    for (String part : List.of("train.txt", "valid.txt", "test.txt")) {
      Files.write(data.resolve(part), sequences);
    }
  }

  private Execution run(String line) {
    return Execution.line(line, folder);
  }

  @Test
  void isRefusedWithItsFirstDifference() {
    assertThat(run("train --data FOLDER/then --epoch 1 --hidden_dim 4 --output FOLDER/m -q"))
        .extracting(Execution::exitCode)
        .isEqualTo(0);
    Execution own =
        run("recommend --model FOLDER/m --data FOLDER/then --history sku01,sku02 --top 5");
    assertThat(own.exitCode()).isZero();
    assertThat(own.out().lines())
        .hasSize(5)
        .allSatisfy(
            line -> {
              String[] words = line.trim().split(" +", -1);
              assertThat(words[words.length - 1]).isEqualTo(words[1]);
            });
    for (String command :
        List.of(
            "recommend --model FOLDER/m --data FOLDER/now --history sku01,sku02",
            "evaluate --model FOLDER/m --data FOLDER/now")) {
      Execution refused = run(command);
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.errorLines()).isEqualTo(1);
      assertThat(refused.err()).contains("the data must have the items of the model", DIFFERENCE);
    }
  }
}
