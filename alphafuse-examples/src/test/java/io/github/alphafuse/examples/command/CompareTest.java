package io.github.alphafuse.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompareTest {
  private static final String QUICK =
      " --data FOLDER/data --hidden_dim 16 --null_dim 8 --neg_ratio 4 --max_length 5"
          + " --patience 8";

  private static final String GRAPH =
      "compare --data FOLDER/data --backbone graph --hidden_dim 8 --negatives 16 --batch_size 512";

  @TempDir static Path root;

  @BeforeAll
  static void generate() {
    for (String seed : new String[] {"22", "23"}) {
      String name = seed.equals("22") ? "data" : "other";
      Execution run =
          Execution.line(
              "generate-data --items 150 --users 300 --dim 20 --seed "
                  + seed
                  + " --output FOLDER/"
                  + name,
              root);
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
  }

  private static Execution success(String line) {
    Execution run = Execution.line(line, root);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static Map<String, NamedCsvRecord> csv(String folder) throws IOException {
    Map<String, NamedCsvRecord> rows = new HashMap<>();
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().ofNamedCsvRecord(root.resolve(folder).resolve("comparison.csv"))) {
      csv.forEach(row -> rows.put(row.getField("method"), row));
    }
    return rows;
  }

  private static NamedCsvRecord row(Map<String, NamedCsvRecord> rows, String method) {
    return Objects.requireNonNull(rows.get(method), method);
  }

  private static JsonObject json(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  @Test
  void writesTablesAndPicturesAndFindsFinishedRunsAgain() throws IOException {
    String line =
        "compare"
            + QUICK
            + " --methods id,wide=alphafuse:null_dim=12,loss_type=cosineCE,similarity=inner_product,morec:seeds=1,lr=0.01"
            + " --seeds 5,6 --learning_rates 0.000001,0.01 --epochs 2 --sampled_negatives 20"
            + " --output FOLDER/tables";
    Execution run = success(line);
    // Two rates and one more seed for two methods; the third has one rate and one seed.
    assertThat(run.out())
        .contains("[7/7] MoRec, learning rate 0.01, seed 5")
        .contains("epoch   2/2")
        .doesNotContain("finished before");

    Map<String, NamedCsvRecord> rows = csv("tables");
    assertThat(rows).containsOnlyKeys("popularity", "SASRec", "wide", "MoRec");
    NamedCsvRecord wide = row(rows, "wide");
    assertThat(wide.getField("model_type")).isEqualTo("AlphaFuse");
    assertThat(wide.getField("learning_rate")).isEqualTo("0.01");
    assertThat(wide.getField("seeds")).isEqualTo("2");
    long parameters = Long.parseLong(wide.getField("trained_parameters"));
    assertThat(Long.parseLong(row(rows, "SASRec").getField("trained_parameters")) - parameters)
        .isEqualTo(151 * (16 - 12));
    double[] values = new double[2];
    for (int i = 0; i < 2; i++) {
      JsonObject finished = json(root.resolve("tables/runs/wide-lr0.01-seed" + (5 + i) + ".json"));
      values[i] = finished.getAsJsonObject("test").get("NDCG@20").getAsDouble();
    }
    assertThat(Double.parseDouble(wide.getField("NDCG@20"))).isEqualTo((values[0] + values[1]) / 2);
    assertThat(Double.parseDouble(wide.getField("NDCG@20 spread")))
        .isCloseTo(
            Math.abs(values[0] - values[1]) / Math.sqrt(2),
            org.assertj.core.data.Offset.offset(1e-12));
    assertThat(row(rows, "MoRec").getField("seeds")).isEqualTo("1");
    assertThat(row(rows, "MoRec").getField("NDCG@20 spread")).isEmpty();
    assertThat(wide.getField("sampled 20 HR@10")).isNotEmpty();
    assertThat(wide.getField("head items NDCG@20")).isNotEmpty();
    assertThat(Double.parseDouble(wide.getField("seconds_per_epoch"))).isPositive();
    assertThat(Double.parseDouble(wide.getField("inference_ms_per_1000_users"))).isPositive();

    String markdown = Files.readString(root.resolve("tables/comparison.md"));
    assertThat(markdown)
        .contains("## Test, all items ranked", "ranked against 20 sampled items")
        .contains("| popularity |", " ± ", "**0.", "## Test, head items", "0.01 of 2")
        .contains("- wide (AlphaFuse): ", "null_dim = 12, loss_type = cosineCE")
        .contains("(curves.png)", "(metrics.png)", "(spectrum.png)", "(groups.png)");
    for (String name : new String[] {"curves", "metrics", "spectrum", "groups"}) {
      requirePicture(root.resolve("tables").resolve(name + ".png"));
    }

    // Whatever the runs say of test, the choice stays, and the runs are not made again.
    Path rejected = root.resolve("tables/runs/wide-lr0.000001-seed5.json");
    String text = Files.readString(rejected);
    JsonObject doctored = JsonParser.parseString(text).getAsJsonObject();
    doctored.getAsJsonObject("test").addProperty("NDCG@20", 0.99);
    Files.writeString(rejected, doctored.toString());
    Execution again = success(line);
    assertThat(again.out().lines().filter("finished before"::equals)).hasSize(7);
    assertThat(again.out()).doesNotContain("epoch ");
    assertThat(Files.readString(root.resolve("tables/comparison.md"))).isEqualTo(markdown);

    Files.writeString(rejected, text.substring(0, text.length() / 2));
    Execution broken = Execution.line(line, root);
    assertThat(broken.exitCode()).isEqualTo(1);
    assertThat(broken.err()).contains("delete it to repeat the run").hasLineCount(1);
    Files.delete(rejected);

    try (FileChannel other =
        FileChannel.open(root.resolve("tables/.lock"), StandardOpenOption.WRITE)) {
      other.lock();
      Execution second = Execution.line(line, root);
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.err()).contains("is in use by another compare").hasLineCount(1);
    }

    Execution more = success(line.replace("morec:", "textonly:"));
    assertThat(more.out().lines().filter("finished before"::equals)).hasSize(5);

    requireOtherFolder(
        line,
        new String[][] {
          {"--patience 8", "--patience 9", "SASRec: patience is 8 there, found 9"},
          {"FOLDER/data", "FOLDER/other", "data is "},
          {"null_dim=12", "null_dim=11", "wide: null_dim is 12 there, found 11"},
          {"--sampled_negatives 20", "--sampled_negatives 21", "sampled_negatives is 20 there"},
          {"FOLDER/tables", "FOLDER/data", "a new folder or one that compare wrote"}
        });
  }

  private static void requirePicture(Path file) throws IOException {
    BufferedImage picture = ImageIO.read(file.toFile());
    assertThat(picture.getWidth()).isEqualTo(1000);
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        colours.add(picture.getRGB(x, y));
      }
    }
    assertThat(colours).as(file.toString()).hasSizeGreaterThan(10);
  }

  /** What is changed in a line, what to, and what is said of it. */
  private static void requireOtherFolder(String line, String[]... changes) {
    for (String[] change : changes) {
      assertThat(line).contains(change[0]);
      Execution wrong = Execution.line(line.replace(change[0], change[1]), root);
      assertThat(wrong.exitCode()).isEqualTo(1);
      assertThat(wrong.err()).startsWith("error: --output").contains(change[2]).hasLineCount(1);
    }
  }

  @Test
  void comparesGraphModelsByTheProtocolOfTrainGraph() throws IOException {
    String line =
        GRAPH
            + " --methods lightgcn,deep=alpharec-linear:layers=3,tau=0.2,alpharec:seeds=1,lr=0.002"
            + " --seeds 5,6 --learning_rates 0.000001,0.05 --epochs 3 --output FOLDER/graph";
    Execution run = success(line);
    assertThat(run.out())
        .contains("[7/7] AlphaRec, learning rate 0.002, seed 5")
        .contains("epoch   3/3", "validation Recall@20")
        .contains("300 users, 150 items")
        .contains("| method | Recall@10 | NDCG@10 | HR@10 | Recall@20 | NDCG@20 | HR@20 |")
        .doesNotContain("finished before");

    Map<String, NamedCsvRecord> rows = csv("graph");
    assertThat(rows).containsOnlyKeys("popularity", "LightGCN", "deep", "AlphaRec");
    NamedCsvRecord light = row(rows, "LightGCN");
    assertThat(light.getField("trained_parameters")).isEqualTo("3600");
    NamedCsvRecord deep = row(rows, "deep");
    assertThat(deep.getField("model_type")).isEqualTo("AlphaRec-linear");
    assertThat(deep.getField("trained_parameters")).isEqualTo("168");
    assertThat(row(rows, "AlphaRec").getField("trained_parameters"))
        .isEqualTo(Integer.toString(21 * 10 + 11 * 8));
    assertThat(Double.parseDouble(light.getField("inference_ms_per_1000_users"))).isPositive();
    assertThat(Double.parseDouble(light.getField("seconds_per_epoch"))).isPositive();

    // Every validation part has one item a user, of which an evaluation alone tells no recall.
    for (String name : new String[] {"LightGCN", "deep"}) {
      double[] recall = new double[2];
      String[] rates = {"0.000001", "0.05"};
      for (int i = 0; i < 2; i++) {
        JsonObject tried = json(root.resolve(graphRun(name, rates[i], 5)));
        recall[i] = tried.getAsJsonObject("validation").get("Recall@20").getAsDouble();
        JsonObject last = tried.getAsJsonArray("epochs").get(2).getAsJsonObject();
        assertThat(last.getAsJsonObject("validation").keySet()).contains("Recall@10", "Recall@20");
      }
      String better = recall[1] > recall[0] ? rates[1] : rates[0];
      assertThat(Double.parseDouble(row(rows, name).getField("learning_rate")))
          .isEqualTo(Double.parseDouble(better));
      double[] test = new double[2];
      for (int i = 0; i < 2; i++) {
        test[i] =
            json(root.resolve(graphRun(name, better, 5 + i)))
                .getAsJsonObject("test")
                .get("Recall@20")
                .getAsDouble();
      }
      assertThat(Double.parseDouble(row(rows, name).getField("Recall@20")))
          .isEqualTo((test[0] + test[1]) / 2);
    }

    success(
        "train_graph --data FOLDER/data --model alpharec --projector linear --layers 3 --tau 0.2"
            + " --hidden_dim 8 --negatives 16 --batch_size 512 --epoch 3 --lr 0.05"
            + " --random_seed 5 -q --json FOLDER/alone.json");
    JsonObject alone = json(root.resolve("alone.json"));
    JsonObject compared = json(root.resolve(graphRun("deep", "0.05", 5)));
    for (String name : new String[] {"test", "bestEpoch"}) {
      assertThat(compared.get(name)).as(name).isEqualTo(alone.get(name));
    }

    String markdown = Files.readString(root.resolve("graph/comparison.md"));
    assertThat(markdown)
        .contains("Backbone graph, at most 3 epochs.")
        .contains("## Test, all unseen items ranked, 300 users")
        .contains("| popularity | 0.", " ± ", "**0.", "validation Recall@20", "0.05 of 2")
        .contains("- deep (AlphaRec-linear): ", "layers = 3, tau = 0.2", "- LightGCN: ")
        .contains("(curves.png)", "(metrics.png)")
        .doesNotContain("spectrum.png", "groups.png", "MRR");
    for (String name : new String[] {"curves", "metrics"}) {
      requirePicture(root.resolve("graph").resolve(name + ".png"));
    }
    assertThat(root.resolve("graph/spectrum.png")).doesNotExist();
    assertThat(root.resolve("graph/groups.png")).doesNotExist();

    Path deleted = root.resolve(graphRun("LightGCN", "0.000001", 5));
    JsonObject before = json(deleted);
    Files.delete(deleted);
    Execution again = success(line);
    assertThat(again.out().lines().filter("finished before"::equals)).hasSize(6);
    assertThat(json(deleted).get("test")).isEqualTo(before.get("test"));
    assertThat(Files.readString(root.resolve("graph/comparison.md"))).isEqualTo(markdown);

    requireOtherFolder(
        line,
        new String[][] {
          {"layers=3", "layers=2", "deep: layers is 3 there, found 2"},
          {"--epochs 3", "--epochs 4", "epoch is 3 there, found 4"},
          {"FOLDER/data", "FOLDER/other", "data is "},
          {"FOLDER/data", "FOLDER/data --metric NDCG@20", "metric is Recall@20 there"},
          {"FOLDER/graph", "FOLDER/data", "a new folder or one that compare wrote"}
        });
  }

  private static String graphRun(String method, String rate, int seed) {
    return "graph/runs/" + method + "-lr" + rate + "-seed" + seed + ".json";
  }

  @Test
  void aGraphRunThatDivergedIsBehindAllOthers() throws IOException {
    success(
        GRAPH
            + " --methods lightgcn --seeds 5 --learning_rates 1e30,0.01 --epochs 2 -q"
            + " --output FOLDER/diverged");
    assertThat(row(csv("diverged"), "LightGCN").getField("learning_rate")).isEqualTo("0.01");
    try (var runs = Files.list(root.resolve("diverged/runs"))) {
      assertThat(runs.filter(file -> !file.toString().contains("lr0.01")))
          .singleElement()
          .satisfies(
              file -> assertThat(json(file).get("stop").getAsString()).isEqualTo("DIVERGED"));
    }
  }

  @Test
  void lightGcnIsComparedWithoutEmbeddings() throws IOException {
    Path bare = Files.createDirectory(root.resolve("bare"));
    Files.copy(root.resolve("data/sequences.tsv"), bare.resolve("sequences.tsv"));
    Files.copy(root.resolve("data/items.tsv"), bare.resolve("items.tsv"));
    String line =
        GRAPH.replace("FOLDER/data", "FOLDER/bare")
            + " --methods lightgcn,lightgcn-infonce --seeds 5 --epochs 1 -q --output FOLDER/light";
    success(line);
    assertThat(csv("light")).containsOnlyKeys("popularity", "LightGCN", "LightGCN-InfoNCE");
    Execution text = Execution.line(line.replace("lightgcn-infonce", "alpharec-linear"), root);
    assertThat(text.exitCode()).isEqualTo(1);
    assertThat(text.err()).startsWith("error: no language embeddings").hasLineCount(1);
    assertThat(root.resolve("light/runs/AlphaRec-linear-lr0.0005-seed5.json")).doesNotExist();
  }

  /** Also by a metric that is not among those that every evaluation lists. */
  @Test
  void learningRatesAreChosenByTheMetric() throws IOException {
    success(
        "compare"
            + QUICK
            + " --methods id --seeds 5 --learning_rates 0.000001,0.01 --epochs 3 --metric NDCG@7"
            + " --sampled_negatives 20 -q --output FOLDER/seven");
    NamedCsvRecord chosen = row(csv("seven"), "SASRec");
    assertThat(chosen.getField("learning_rate")).isEqualTo("0.01");
    assertThat(chosen.getField("validation NDCG@7")).isNotEmpty();
  }

  @Test
  void everyGraphModelIsCompared() throws IOException {
    success(
        GRAPH + " --methods all --seeds 5 --epochs 1 --metric NDCG@7 -q --output FOLDER/allgraphs");
    Map<String, NamedCsvRecord> rows = csv("allgraphs");
    assertThat(rows)
        .containsOnlyKeys(
            "popularity", "LightGCN", "LightGCN-InfoNCE", "AlphaRec", "AlphaRec-linear");
    assertThat(row(rows, "AlphaRec").getField("validation NDCG@7")).isNotEmpty();
    assertThat(row(rows, "LightGCN-InfoNCE").getField("learning_rate")).isEqualTo("0.001");
    assertThat(row(rows, "AlphaRec").getField("learning_rate")).isEqualTo("5.0E-4");
  }

  @Test
  void presetsHoldForGraphModels() throws IOException {
    success(
        GRAPH
            + " --preset alpharec-baby --methods alpharec:epochs=2,alpharec-linear:lr=0.01,"
            + "light=lightgcn-infonce:preset=lightgcn-beauty-infonce --seeds 5 --epochs 1 -q"
            + " --output FOLDER/presets");
    JsonObject methods = json(root.resolve("presets/comparison.json")).getAsJsonObject("methods");
    JsonObject alpha = methods.getAsJsonObject("AlphaRec");
    assertThat(alpha.get("tau").getAsString()).isEqualTo("0.25");
    assertThat(alpha.get("epoch").getAsString()).isEqualTo("2");
    JsonObject light = methods.getAsJsonObject("light");
    assertThat(light.get("decay").getAsString()).isEqualTo("0.01");
    assertThat(light.get("negatives").getAsString()).isEqualTo("16");
    assertThat(row(csv("presets"), "light").getField("learning_rate")).isEqualTo("5.0E-4");
    assertThat(row(csv("presets"), "AlphaRec-linear").getField("learning_rate")).isEqualTo("0.01");
  }

  /** Output that interrupts the thread that writes a certain text. */
  private static final class Interrupting extends StringWriter {
    private final String text;

    Interrupting(String text) {
      this.text = text;
    }

    @Override
    public void flush() {
      if (toString().contains(text)) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"AlphaFuse,compare" + QUICK, "LightGCN," + GRAPH, "AlphaRec," + GRAPH})
  void aComparisonThatWasStoppedComesToTheSame(String method, String start) throws IOException {
    String line =
        start
            + " --methods "
            + method
            + " --seeds 5,6 --lr 0.01 --epochs 4 --output FOLDER/"
            + method;
    success(line + "whole");
    StringWriter out = new Interrupting("seed 6" + System.lineSeparator() + "epoch   1/4");
    StringWriter err = new StringWriter();
    int exitCode =
        RootCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute((line + "stopped").replace("FOLDER", root.toString()).trim().split(" +"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString()).contains("the same command resumes from epoch 1");
    Path runs = root.resolve(method + "stopped/runs");
    assertThat(runs.resolve(method + "-lr0.01-seed5.json")).exists();
    assertThat(runs.resolve(method + "-lr0.01-seed6.json")).doesNotExist();
    assertThat(runs.resolve(method + "-lr0.01-seed6.checkpoint")).exists();

    Execution resumed = success(line + "stopped");
    assertThat(resumed.out().lines().filter("finished before"::equals)).hasSize(1);
    assertThat(runs.resolve(method + "-lr0.01-seed6.checkpoint")).doesNotExist();
    JsonObject found = json(runs.resolve(method + "-lr0.01-seed6.json"));
    JsonObject expected =
        json(root.resolve(method + "whole/runs/" + method + "-lr0.01-seed6.json"));
    for (String name : new String[] {"test", "validation", "groups", "bestEpoch"}) {
      assertThat(found.get(name)).as(name).isEqualTo(expected.get(name));
    }
    assertThat(found.getAsJsonArray("epochs")).hasSize(4);
  }

  @Test
  void ablationsLeaveOutOnePartEach() throws IOException {
    success(
        "compare"
            + QUICK
            + " --methods ablations --seeds 5 --lr 0.01 --epochs 1 --output FOLDER/ablations -q");
    Map<String, NamedCsvRecord> rows = csv("ablations");
    long whole = Long.parseLong(row(rows, "AlphaFuse").getField("trained_parameters"));
    assertThat(Long.parseLong(row(rows, "without-frozen-text").getField("trained_parameters")))
        .isEqualTo(whole + 151 * 8);
    assertThat(Long.parseLong(row(rows, "without-standardisation").getField("trained_parameters")))
        .isEqualTo(whole);
    assertThat(Long.parseLong(row(rows, "without-decomposition").getField("trained_parameters")))
        .isEqualTo(whole + 151 * 8);
    // d = d_l = 20 with the same null dimension: the backbone alone grows.
    assertThat(Long.parseLong(row(rows, "without-clipping").getField("trained_parameters")))
        .isEqualTo(whole + 5 * (20 * 20 - 16 * 16) + 23 * (20 - 16) - 5 * (20 - 16));
    assertThat(Files.readString(root.resolve("ablations/comparison.md")))
        .contains("d_n = d", "columns keep their variances", "d = d_l", "(LLMInit)");
  }

  @Test
  void everyMethodOfABackboneIsCompared() throws IOException {
    Files.writeString(
        root.resolve("settings.txt"),
        "--methods all\n--epochs 1\n--seeds 5\n--lr 0.01\n--long_tail beauty\n");
    success("compare" + QUICK + " @FOLDER/settings.txt --output FOLDER/all -q");
    assertThat(csv("all"))
        .containsOnlyKeys(
            "popularity",
            "AlphaFuse",
            "SASRec",
            "LLMInit",
            "MoRec",
            "WhitenRec",
            "UniSRec",
            "RLMRec_con",
            "RLMRec_gen",
            "LLM-ESR");
    assertThat(row(csv("all"), "MoRec").getField("sampled 100 HR@10")).isNotEmpty();
  }

  @Test
  void comparesDiffusions() throws IOException {
    success(
        "compare --data FOLDER/data --backbone dreamrec --methods id,idreamrec,alphafuse:null_dim=9"
            + " --timesteps 40 --linespace 10 --epochs 1 --evaluate_every 1 --max_length 5"
            + " --lr 0.001 --seeds 5 --output FOLDER/diffusion -q");
    assertThat(csv("diffusion")).containsOnlyKeys("popularity", "SASRec", "iDreamRec", "AlphaFuse");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--methods alphafus|did you mean AlphaFuse?",
        "--methods idreamrec|--backbone dreamrec",
        "--methods x=alphafuse:nul_dim=3|did you mean --null_dim?",
        "--methods x=alphafuse:null_dim=17|--methods x: --null_dim must be at most --hidden_dim 16",
        "--methods alphafuse:random_seed=3|random_seed is set by compare",
        "--methods id:random-seed=3|random-seed is set by compare",
        "--methods id:model-type=alphafuse|model-type is set by compare",
        "--methods id:metric=HR@10|metric is the same for all methods",
        "--methods alphafuse:seeds=0|seeds: expected a whole number",
        "--methods alphafuse:null_dim=3,alphafuse|twice",
        "--methods null_dim=3|found '3'",
        "--methods a/b=alphafuse:null_dim=3|letters, digits",
        "--methods id --model_type x|--model_type",
        "--methods id --timesteps 4|unknown: --timesteps",
        "--methods id --learning_rates 0|above 0",
        "--methods id --preset alphafuse-movie|did you mean alphafuse-movies?",
        "--methods id --preset dreamrec-toys|is for DreamRec",
        "--methods id --layers 2|unknown: --layers",
        "--methods lightgcn|LightGCN is a graph model: add --backbone graph",
        "--methods x=alpharec_linear:lr=1|AlphaRec-linear is a graph model: add --backbone graph",
        "--seeds 3|--methods"
      })
  void usageErrorsAreOneLine(String line, String message) {
    requireUsageError("compare" + QUICK + " --output FOLDER/errors " + line, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--methods alphafuse|AlphaFuse is a sequence model, for --backbone sasrec or dreamrec",
        "--methods all,ablations|expected all or some of [LightGCN, LightGCN-InfoNCE, AlphaRec,",
        "--methods lightgc|found 'lightgc'; did you mean LightGCN?",
        "--methods lightgcn --null_dim 4|unknown: --null_dim with --backbone graph",
        "--methods x=lightgcn:layer=3|did you mean --layers?",
        "--methods lightgcn --groups users:9|--groups is for --backbone sasrec or dreamrec",
        "--methods lightgcn --sampled-negatives 9|--sampled_negatives is for --backbone sasrec",
        "--methods lightgcn --long_tail yelp|--long_tail is for --backbone sasrec or dreamrec",
        "--methods lightgcn --loss_type bpr|--loss_type is set by the name of the method",
        "--methods alpharec:projector=linear|projector is set by the name of the method",
        "--methods alpharec:seed=3|seed is set by compare",
        "--methods alpharec:metric=HR@10|metric is the same for all methods",
        "--methods alpharec --preset lightgcn-baby|lightgcn-baby is for lightgcn",
        "--methods alpharec --preset alphafuse-toys|Invalid value for option '--preset'",
        "--methods lightgcn --backbone graphs|expected one of [sasrec, dreamrec, graph]"
      })
  void usageErrorsOfGraphsAreOneLine(String line, String message) {
    String start = line.contains("--backbone") ? GRAPH.replace(" --backbone graph", "") : GRAPH;
    requireUsageError(start + " --output FOLDER/errors " + line, message);
  }

  private static void requireUsageError(String line, String message) {
    Execution run = Execution.line(line, root);
    assertThat(run.err()).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(root.resolve("errors")).doesNotExist();
  }

  @Test
  void newItemsAreTestedAlone() throws IOException {
    String line =
        "compare --data FOLDER/data --preset recommended --epochs 2 --seeds 22,23 --new_items 0.2"
            + " --methods alphafuse,half=alphafuse:null_dim=8,id --output FOLDER/new";
    success(line);
    assertThat(Files.readString(root.resolve("new/comparison.md")))
        .contains("30 of 150 items held out")
        .contains("## Paired differences on test")
        .contains("### all items", "### unseen items", "difference from AlphaFuse")
        .containsPattern(
            "half \\| 0\\.\\d+ ± 0\\.\\d+ \\| [+-]0\\.\\d+ ± 0\\.\\d+ \\| (tie|ahead|behind)")
        .contains("unseen NDCG@20");
    requireUsageError(
        "compare --backbone graph --new_items 0.2 --methods all --output FOLDER/errors",
        "--new_items is for the backbone sasrec");
    requireUsageError(
        line.replace("half=alphafuse:null_dim=8", "pub=alphafuse:mask_seen=false"),
        "mask_seen is the same for all methods");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MoRec", "WhitenRec", "UniSRec", "RLMRec", "RLMRec_gen", "LLMESR", "id"})
  void trainTakesEveryMethod(String type) {
    for (String command :
        new String[] {"train --neg_ratio 4", "train_diffusion --timesteps 40 --linespace 10"}) {
      success(
          command
              + " --data FOLDER/data --hidden_dim 16 --null_dim 8 --epoch 1 --lr 0.01"
              + " --max_length 5 -q --model_type "
              + type);
    }
  }

  @Test
  void optionsGoBeforeAPreset() throws IOException {
    success(
        "train --data FOLDER/data --preset alphafuse-toys --hidden_dim 16 --null_dim 6 --epoch 1"
            + " --neg_ratio 4 -q --json FOLDER/preset.json");
    JsonObject settings = json(root.resolve("preset.json")).getAsJsonObject("settings");
    assertThat(settings.get("preset").getAsString()).isEqualTo("alphafuse-toys");
    assertThat(settings.get("hidden_dim").getAsInt()).isEqualTo(16);
    assertThat(settings.get("null_dim").getAsInt()).isEqualTo(6);
    assertThat(settings.get("neg_ratio").getAsInt()).isEqualTo(4);
    assertThat(settings.get("ID_embs_init_type").getAsString()).isEqualTo("normal");
    assertThat(settings.get("lr").getAsDouble()).isEqualTo(1e-3);
    assertThat(settings.get("temperature").getAsDouble()).isEqualTo(0.07);
  }
}
