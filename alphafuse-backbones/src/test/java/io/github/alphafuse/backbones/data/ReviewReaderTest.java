package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MovieLens and Amazon files, malformed lines and ratings. */
class ReviewReaderTest {
  private static final String REVIEWS_2014 =
      """
      {"reviewerID": "A1", "asin": "B3", "reviewerName": "x \\"y\\"", "helpful": [0, 1], \
      "reviewText": "Fine, {really}", "overall": 5.0, "summary": "s", "unixReviewTime": 20, \
      "reviewTime": "03 1, 2013"}
      {"reviewerID": "A2", "asin": "B7", "helpful": [], "reviewText": "", "overall": 2.0, \
      "unixReviewTime": 5}
      {"reviewerID": "A1", "asin": "B1", "overall": 4.0, "unixReviewTime": 10}
      """;
  private static final String REVIEWS_2018 =
      """
      {"overall": 5, "vote": "2", "verified": true, "reviewTime": "1 1, 2014", "reviewerID": "A1", \
      "asin": "B3", "style": {"Format:": " Kindle"}, "image": ["u"], "unixReviewTime": 20}
      {"overall": 2.0, "verified": false, "reviewerID": "A2", "asin": "B7", "unixReviewTime": 5}
      {"unixReviewTime": 10, "reviewerID": "A1", "asin": "B1", "overall": 4.0, "style": null}
      """;
  private static final String REVIEWS_2023 =
      """
      {"rating": 5.0, "title": "t", "text": "\\u00e9", "images": [{"a": 1}], "asin": "v3", \
      "parent_asin": "B3", "user_id": "A1", "timestamp": 1588687728923, "verified_purchase": true}
      {"rating": 2.0, "asin": "v7", "parent_asin": "B7", "user_id": "A2", "timestamp": 5}
      {"rating": 4.0, "parent_asin": "B1", "asin": "v1", "user_id": "A1", "timestamp": 1588687728922}
      """;

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  private static byte[] gzip(String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {REVIEWS_2014, REVIEWS_2018, REVIEWS_2023})
  void readsReviewsOfAmazon(String content) throws IOException {
    SequenceDataset plain = InteractionReader.builder().build().read(files.write("x", content));
    assertThat(plain.vocabulary().ids()).containsExactly("B3", "B7", "B1");
    assertThat(plain.sequences())
        .containsExactly(UserSequence.of("A1", 2, 0), UserSequence.of("A2", 1));
    assertThat(plain.sequences().get(0).time(1)).isGreaterThan(plain.sequences().get(0).time(0));
    assertThat(plain.sequences().get(1).time(0)).isEqualTo(5);
    assertThat(plain.dropped()).isEmpty();

    Path compressed = files.write("x.json.gz", gzip("\uFEFF" + content.replace("\n", "\r\n")));
    SequenceDataset liked = InteractionReader.builder().minRating(4).build().read(compressed);
    assertThat(liked.sequences()).containsExactly(UserSequence.of("A1", 1, 0));
    assertThat(liked.dropped())
        .containsExactly(new Dropped(DropReason.LOW_RATING, 1, 1, ImmutableList.of("line 2")));
  }

  @Test
  void keepsTimesInMilliseconds() {
    SequenceDataset dataset =
        InteractionReader.builder().build().read(files.write("x.jsonl", REVIEWS_2023));
    assertThat(dataset.sequences().get(0).time(1)).isEqualTo(1588687728923.0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "userId,movieId,rating,timestamp\n1,3,5.0,20\n2,7,2.5,5\n1,1,4.0,10\n",
        "1::3::5::20\n2::7::2::5\n1::1::4::10\n",
        "1\t3\t5\t20\n2\t7\t2\t5\n1\t1\t4\t10\n"
      })
  void readsRatingsOfMovieLens(String content) throws IOException {
    InteractionReader.Builder builder =
        InteractionReader.builder().vocabulary(ItemVocabulary.ofRows(10));
    SequenceDataset all = builder.build().read(files.write("u.data", content));
    assertThat(all.sequences())
        .containsExactly(UserSequence.of("1", 1, 3), UserSequence.of("2", 7));
    assertThat(all.sequences().get(0).time(0)).isEqualTo(10);
    SequenceDataset liked = builder.minRating(4).build().read(files.write("x.gz", gzip(content)));
    assertThat(liked.sequences()).containsExactly(UserSequence.of("1", 1, 3));
    assertThat(liked.dropped().get(0).count()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"reviewerID\": \"A\", \"asin\": \"B\"|line 2: expected one JSON object, found"
            + " {\"reviewerID\": \"A\", \"asin\": \"B\"",
        "{'reviewerID': 'A', 'asin': 'B', 'unixReviewTime': 1}|line 2: expected one JSON object,"
            + " found {'reviewerID': 'A', 'asin': 'B', 'unixRe...",
        "[1, 2]|line 2: expected one JSON object, found [1, 2]",
        "{} {}|line 2: expected one JSON object, found {} {}",
        "{}|line 2: expected a user in field reviewerID, found none",
        "{\"reviewerID\": null}|line 2: expected a user in field reviewerID, found none",
        "{\"reviewerID\": \" \"}|line 2: expected a user in field reviewerID, found none",
        "{\"reviewerID\": [1]}|line 2: expected a user in field reviewerID that is a text or a"
            + " number, found a list",
        "{\"reviewerID\": true}|line 2: expected a user in field reviewerID that is a text or a"
            + " number, found true or false",
        "{\"reviewerID\": \"A\", \"asin\": {}}|line 2: expected an item in field asin that is a"
            + " text or a number, found an object",
        "{\"reviewerID\": \"A\", \"asin\": \"B\"}|line 2: expected a time in field unixReviewTime,"
            + " found none",
        "{\"reviewerID\": \"A\", \"asin\": \"B\", \"unixReviewTime\": \"soon\"}|line 2: expected a"
            + " time in field unixReviewTime that is a number, found \"soon\""
      })
  void malformedObjectsAreNamed(String line, String problem) {
    String content =
        "{\"reviewerID\": \"A\", \"asin\": \"B\", \"unixReviewTime\": 1}\n" + line + "\n";
    Path file = files.write("x.json", content);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().build().read(file))
        .withMessage("x.json " + problem);
    SequenceDataset lenient =
        InteractionReader.builder().malformedLines(MalformedLines.SKIP).build().read(file);
    assertThat(lenient.interactionCount()).isEqualTo(1);
    assertThat(lenient.dropped()).hasSize(1);
    assertThat(lenient.dropped().get(0).reason()).isEqualTo(DropReason.MALFORMED_LINE);
    assertThat(lenient.dropped().get(0).examples()).containsExactly("x.json " + problem);
  }

  @Test
  void malformedLinesOfTablesAreSkippedAndCounted() {
    Path file =
        files.write(
            "ratings.csv",
            "userId,movieId,rating,timestamp\n1,1,5,1\n\n1,2\n1,3,5,soon\n1,4,,4\n,5,5,5\n"
                + "1,6,5,6\n1,7,1,7\n\n\n2,8,5,8\n");
    InteractionReader.Builder builder =
        InteractionReader.builder().vocabulary(ItemVocabulary.ofRows(9)).minRating(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build().read(file))
        .withMessage("ratings.csv line 3: expected an interaction, found a blank line");
    SequenceDataset dataset = builder.malformedLines(MalformedLines.SKIP).build().read(file);
    assertThat(dataset.sequences())
        .containsExactly(UserSequence.of("1", 1, 6), UserSequence.of("2", 8));
    assertThat(dataset.dropped().stream().map(Dropped::toString))
        .containsExactly(
            "7 malformed lines (e.g. ratings.csv line 3: expected an interaction, found a blank"
                + " line, ratings.csv line 4: expected 4 fields (userId, movieId, rating,"
                + " timestamp), found 2, ratings.csv line 5: expected a time in column timestamp"
                + " that is a number, found \"soon\", ratings.csv line 6: expected a rating in"
                + " column rating, found none, ratings.csv line 7: expected a user in column"
                + " userId, found none)",
            "1 interactions with too low a rating (e.g. line 9)");
    // An item that is not in the catalogue is no malformed line.
    Path unknown = files.write("u.csv", "user,item\nu,99\n");
    InteractionReader lenient =
        InteractionReader.builder()
            .vocabulary(ItemVocabulary.ofRows(9))
            .malformedLines(MalformedLines.SKIP)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.read(unknown))
        .withMessage("u.csv line 2: item 99 is outside the catalogue of 9 items");
  }

  @Test
  void filesWithNothingToKeepAreNamed() throws IOException {
    InteractionReader lenient =
        InteractionReader.builder().malformedLines(MalformedLines.SKIP).minRating(3).build();
    Path noJson = files.write("no.json", "{\n{]\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.read(noJson))
        .withMessageStartingWith(
            "no.json: expected at least one interaction to keep, found only 2 malformed lines");
    Path disliked = files.write("low.csv", "user,item,rating\nu,1,2\nu,2,1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.read(disliked))
        .withMessage(
            "low.csv: expected at least one interaction to keep, found only 2 interactions with"
                + " too low a rating (e.g. line 2, line 3)");
    Path unrated = files.write("unrated.csv", "user,item\nu,1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.read(unrated))
        .withMessage(
            "unrated.csv line 1: expected a column named rating or overall, found the columns"
                + " user, item; if it has another name, set ratingColumn");
    Path empty = files.write("empty.json.gz", gzip(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lenient.read(empty))
        .withMessage("empty.json.gz: expected one interaction per line, found an empty file");
    Path other = files.write("other.json", "{\"a\": 1, \"b\": 2}\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().build().read(other))
        .withMessage(
            "other.json line 1: expected a field named user_id or user or reviewer_id, found the"
                + " fields a, b; if it has another name, set userColumn");
    Path objects = files.write("x.json", REVIEWS_2014);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().columns("user", "item").build().read(objects))
        .withMessageStartingWith("columns(...) are for tables, found JSON objects in x.json");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InteractionReader.builder().minRating(Double.NaN))
        .withMessage("minRating must be a finite number, found NaN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.csv", "x.json"})
  void compressedFilesThatAreCutOffAreIoErrors(String name) throws IOException {
    String content =
        name.equals("x.csv") ? "user,item\n" + "u,1\n".repeat(9999) : REVIEWS_2014.repeat(999);
    byte[] whole = gzip(content);
    Path file = files.write(name, Arrays.copyOf(whole, whole.length - 20));
    assertThatThrownBy(() -> InteractionReader.builder().build().read(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageEndingWith(name + ": its compressed data are broken or cut off");
  }

  @Test
  void sequencesMayBeCompressedToo() throws IOException {
    Path file = files.write("sequences.gz", gzip("1 2 3\n4 5\n"));
    assertThat(SequenceReader.builder().build().read(file).interactionCount()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "movies.csv ratings.csv tags.csv, ratings.csv",
    "ratings.dat movies.dat users.dat, ratings.dat",
    "u.data u.item u.user, u.data",
    "Video_Games.jsonl meta_Video_Games.jsonl, Video_Games.jsonl",
    "games.json other.json, games.json",
    "a.csv z.json, a.csv"
  })
  void foldersNameTheirInteractions(String names, String picked) throws IOException {
    Path games = Files.createDirectory(folder.resolve("games"));
    for (String name : names.split(" ")) {
      String user = Integer.toString(name.equals(picked) ? 1 : 2);
      String content =
          name.contains(".json")
              ? "{\"user_id\": " + user + ", \"asin\": 3, \"rating\": 4}"
              : name.endsWith(".csv") ? "user,item,rating\n" + user + ",3,4" : user + "::3::4::1";
      Files.writeString(games.resolve(name), content);
    }
    DataFolder data = DataFolder.builder(games).itemCount(4).minRating(4).open();
    assertThat(data.sequences().sequences()).containsExactly(UserSequence.of("1", 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(games).itemCount(4).minRating(5).open().sequences())
        .withMessageStartingWith(picked + ": expected at least one interaction to keep");
    Files.writeString(games.resolve("sequences.tsv"), "u\t1 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataFolder.builder(games).itemCount(4).minRating(5).open().sequences())
        .withMessageStartingWith("minRating needs a file of interactions, found whole sequences");
  }

  @Test
  void compressedFilesOfAFolderAreFound() throws IOException {
    files.write("meta_Games.json.gz", gzip("{\"asin\": 1}"));
    files.write("Games_5.json.gz", gzip("{\"user_id\": \"u\", \"asin\": 1}\n{\n"));
    DataFolder data =
        DataFolder.builder(folder).itemCount(4).malformedLines(MalformedLines.SKIP).open();
    assertThat(data.sequences().sequences()).containsExactly(UserSequence.of("u", 1));
    assertThat(
            data.split(
                    dataset -> {
                      DatasetSplit.Builder split = DatasetSplit.builder(dataset.vocabulary());
                      return split.train(Examples.builder(4).build()).source(dataset).build();
                    })
                .dropped())
        .hasSize(1);
  }
}
