package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several files that are read together, archives, and the limits of what is read. */
class DataArchivesTest {
  private static final InteractionReader READER = InteractionReader.builder().build();

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(String content) throws IOException {
    return gzip(content.getBytes(StandardCharsets.UTF_8));
  }

  /** An archive of members, each a name and its content. */
  static byte[] zip(Object... members) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < members.length; i += 2) {
        zip.putNextEntry(new ZipEntry((String) members[i]));
        zip.write(
            members[i + 1] instanceof byte[] content
                ? content
                : ((String) members[i + 1]).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private Path logs() throws IOException {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(logs.resolve("b.csv"), "time,user,item\n5,u,e\n1,v,a\n");
    Files.write(logs.resolve("a.csv.gz"), gzip("user,item,time\nu,d,5\nu,b,2\n"));
    Files.writeString(logs.resolve("c.jsonl"), "{\"item\":\"c\",\"user\":\"u\",\"time\":3}\n");
    Files.writeString(logs.resolve("d.csv"), "user,item,time\n");
    Files.writeString(logs.resolve("e.csv"), "\n");
    Files.writeString(logs.resolve(".hidden"), "x");
    Files.writeString(logs.resolve("_SUCCESS"), "");
    return logs;
  }

  @Test
  void readsTheFilesOfAFolderTogether() throws IOException {
    Path logs = logs();
    assertThat(DataFormatsTest.show(READER.read(logs))).isEqualTo("u: b c d e, v: a");
    assertThat(
            DataFormatsTest.show(
                READER.read(List.of(logs.resolve("b.csv"), logs.resolve("a.csv.gz")))))
        .isEqualTo("u: b e d, v: a");
    files.write("item_ids.txt", "a\nb\nc\nd\ne\n");
    files.write("x.csv", "user,item\n");
    DataFolder all = DataFolder.builder(folder).interactions("logs").open();
    assertThat(all.sequences().interactionCount()).isEqualTo(5);
    DataFolder two =
        DataFolder.builder(folder).interactions("logs/a.csv.gz", "logs/c.jsonl").open();
    assertThat(DataFormatsTest.show(two.sequences())).isEqualTo("u: b c d");
    Files.writeString(logs.resolve("f.csv"), "user,item,time\nu,a,1\nu,,2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessage("f.csv line 3: expected an item in column item, found none");
    Files.writeString(logs.resolve("f.csv"), "user,item\nu,a\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessage("f.csv: expected times as in a.csv.gz, found none");
    Files.writeString(logs.resolve("f.csv"), "user,item,time\nu,a,2024-01-01\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessageStartingWith("f.csv line 2: expected a time in column time that is a number");
    Files.delete(logs.resolve("f.csv"));
    Files.createDirectory(logs.resolve("g"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessage("logs: expected files of interactions, found g, which is none");
  }

  @Test
  void foldersWithoutInteractionsAreErrors() throws IOException {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessage("logs: expected files of interactions, found an empty folder");
    Files.writeString(logs.resolve("a.csv"), "");
    Files.writeString(logs.resolve("b.csv"), "user,item\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(logs))
        .withMessage(
            "logs: expected one interaction per line, found only the names of the columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(List.of()))
        .withMessage("files must name at least one file, found none");
  }

  @Test
  void readsTheTableOfAnArchive() throws IOException {
    String ratings = "1::a::5::9\n1::b::5::3\n".replace("a", "7").replace("b", "8");
    Path movies =
        files.write(
            "ml-1m.zip",
            zip(
                "ml-1m/README",
                "text",
                "ml-1m/movies.dat",
                "1::Toy (1995)::Fun\n",
                "ml-1m/ratings.dat",
                ratings,
                "ml-1m/users.dat",
                "1::F::1::10::48067\n",
                "__MACOSX/ml-1m/._ratings.dat",
                "x",
                "ml-1m/.DS_Store",
                "x"));
    assertThat(DataFormatsTest.show(READER.read(movies))).isEqualTo("1: 8 7");
    DataFolder data = DataFolder.builder(folder).itemCount(9).open();
    assertThat(DataFormatsTest.show(data.sequences())).isEqualTo("1: 8 7");
    Path small =
        files.write(
            "ml-latest-small.zip",
            zip(
                "ml/links.csv",
                "movieId,imdbId\n1,2\n",
                "ml/movies.csv",
                "movieId,title\n",
                "ml/ratings.csv",
                "userId,movieId,rating,timestamp\n1,7,4.0,x\n"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(small))
        .withMessageStartingWith("ml-latest-small.zip/ml/ratings.csv line 2: expected a time");
    Path one = files.write("one.zip", zip("any.txt", gzip("user,item\n1,2\n")));
    assertThat(DataFormatsTest.show(READER.read(one))).isEqualTo("1: 2");
    Path two = files.write("two.zip", zip("a.csv", "user,item\n1,2\n", "b.csv", "x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(two))
        .withMessage(
            "two.zip: expected an archive with one file to read, found two.zip/a.csv, two.zip/b.csv;"
                + " name one, for example two.zip/a.csv");
    assertThat(DataFormatsTest.show(READER.read(two.resolve("a.csv")))).isEqualTo("1: 2");
    DataFolder named = DataFolder.builder(folder).itemCount(9).interactions("two.zip/a.csv").open();
    assertThat(DataFormatsTest.show(named.sequences())).isEqualTo("1: 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(two.resolve("c.csv")))
        .withMessage(
            "two.zip: expected a member named \"c.csv\", found two.zip/a.csv, two.zip/b.csv");
    assertThat(ItemVocabulary.read(files.write("ids.zip", zip("ids.txt", "a\nb\n"))).ids())
        .containsExactly("a", "b");
    assertThat(
            SequenceReader.builder()
                .build()
                .read(files.write("s.zip", zip("s.txt", "1 2\n")))
                .interactionCount())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.csv", "/x.csv", "a/../../x.csv"})
  void membersOutsideTheArchiveAreErrors(String name) throws IOException {
    files.write("x.csv", "user,item\n1,2\n");
    Path file = files.write("bad.zip", zip(name, "user,item\n3,4\n"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("bad.zip: expected members inside the archive");
  }

  @Test
  void namesThatNoPathCanHaveAreErrors() throws IOException {
    Path file = files.write("bad.zip", zip("a\0.csv", "user,item\n3,4\n"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(file))
        .withMessage("bad.zip: expected members with names that a path can have, found \"a .csv\"");
  }

  @Test
  void brokenArchivesAreIoErrors() throws IOException {
    byte[] whole = zip("a.csv", "user,item\n" + "u,1\n".repeat(999));
    Path empty = files.write("empty.zip", zip());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(empty))
        .withMessage("empty.zip: expected a text file in the archive, found none");
    Path cut = files.write("cut.zip", Arrays.copyOf(whole, whole.length - 30));
    assertThatThrownBy(() -> READER.read(cut))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageEndingWith("cut.zip: its compressed data are broken or cut off");
  }

  @ParameterizedTest
  @CsvSource({
    "x.csv, 'user,item\nu,1\nu,',",
    "x.csv, 'user,item\nu,1\nu,\"',",
    "x.inter, 'user\titem\nu\t1\nu\t',",
    "x.json, '{\"user\":1,\"item\":1}\n{\"user\":1,\"item\":1}\n{\"user\":\"', '\"}'",
    "x.json, '[{\"user\":1,\"item\":1}\n,{\"user\":1,\"item\":1}\n,{\"user\":\"', '\"}]'"
  })
  void linesHaveALimit(String name, String start, String end) {
    String content = start + "1".repeat(200_000) + (end == null ? "" : end);
    Path file = files.write(name, content);
    InteractionReader.Builder reader = InteractionReader.builder().maxLineLength(2000);
    Path shorter = files.write("y" + name, content.replace("1".repeat(200_000), "1".repeat(1900)));
    assertThat(outcome(reader, shorter)).doesNotContain("maxLineLength");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.build().read(file))
        .withMessage(
            name
                + " line 3: expected a line of at most 2000 bytes, found a longer one; maxLineLength"
                + " sets the limit");
  }

  private static String outcome(InteractionReader.Builder reader, Path file) {
    try {
      return reader.build().read(file).toString();
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void otherReadersHaveLimitsToo() throws IOException {
    String line = "1 ".repeat(300_000) + "\n";
    Path text = files.write("x.txt", "0 1\n" + line);
    String problem = "x.txt line 2: expected a line of at most 500000 bytes";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SequenceReader.builder().maxLineLength(500_000).build().read(text))
        .withMessageStartingWith(problem);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SplitReader.builder(ItemVocabulary.ofRows(2))
                    .train(text)
                    .maxLineLength(500_000)
                    .build()
                    .read())
        .withMessageStartingWith(problem);
    assertThat(SequenceReader.builder().build().read(text).interactionCount()).isEqualTo(300_002);
    files.write("sequences.tsv", "u\t0 1\n");
    files.write("items.tsv", "0\ta\n1\t" + "b".repeat(200) + "\n");
    DataFolder data = DataFolder.builder(folder).itemCount(2).maxLineLength(100).open();
    assertThatIllegalArgumentException()
        .isThrownBy(data::titles)
        .withMessageStartingWith("items.tsv line 2: expected a line of at most 100 bytes");
    files.write("item_ids.txt", "a\n" + "b".repeat(200) + "\n");
    DataFolder.Builder folders = DataFolder.builder(folder).maxLineLength(100);
    assertThatIllegalArgumentException()
        .isThrownBy(folders::open)
        .withMessageStartingWith("item_ids.txt line 2: expected a line of at most 100 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> folders.maxLineLength(0))
        .withMessage("maxLineLength must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> folders.maxExpansion(0))
        .withMessage("maxExpansion must be at least 1, found 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bomb.gz", "bomb.zip", "twice.zip"})
  void compressedDataMayNotExpandTooFar(String name) throws IOException {
    byte[] content = new byte[70 << 20];
    Arrays.fill(content, (byte) '\n');
    byte[] start = "user,item\nu,1\n".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, content, 0, start.length);
    byte[] bytes =
        name.equals("bomb.gz")
            ? gzip(content)
            : zip("a.csv", name.equals("twice.zip") ? gzip(content) : content);
    Path file = files.write(name, bytes);
    assertThatThrownBy(() -> READER.read(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("expand to more than 67108864 bytes, 200 times their size;")
        .hasMessageEndingWith("maxExpansion sets the limit");
    assertThat(
            InteractionReader.builder()
                .maxExpansion(2_000_000)
                .build()
                .read(file)
                .interactionCount())
        .isOne();
  }
}
