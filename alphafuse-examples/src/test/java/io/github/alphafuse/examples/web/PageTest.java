package io.github.alphafuse.examples.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser without a window, where one is installed. */
class PageTest {
  private static final Optional<Path> BROWSER =
      Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
          .flatMap(
              name ->
                  Stream.of(System.getenv("PATH").split(File.pathSeparator))
                      .map(folder -> Path.of(folder, name)))
          .filter(Files::isExecutable)
          .findFirst();

  @TempDir private static Path folder;
  private static Shop shop;

  @BeforeAll
  static void open() {
    assumeTrue(BROWSER.isPresent(), "no Chromium or Chrome is on the path");
    shop = Shop.open();
  }

  @AfterAll
  static void close() {
    if (shop != null) {
      shop.close();
    }
  }

  /** The page as it is once its scripts have nothing left to do. */
  private static String page(String fragment) throws IOException, InterruptedException {
    File dump = folder.resolve("dump.html").toFile();
    Process browser =
        new ProcessBuilder(
                BROWSER.orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=20000",
                "--dump-dom",
                shop.uri("/") + fragment)
            .redirectOutput(dump)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(browser.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(browser.exitValue()).isEqualTo(0);
    return Files.readString(dump.toPath());
  }

  private static String part(String page, String id) {
    int start = page.indexOf("id=\"" + id + "\"");
    return page.substring(start, page.indexOf("</section>", start));
  }

  @Test
  void showsTheRecommendationsForTheHistoryOfItsAddress() throws Exception {
    String page = page("#history=2,no-such,3");
    String history = part(page, "history");
    assertThat(history).containsSubsequence("sofa bed", "no-such", "Möbelpolitur");
    assertThat(history).contains("Möbelpolitur &amp; &lt;b&gt;Wachs&lt;/b&gt;");
    assertThat(history).containsOnlyOnce("not known to the model");
    String recommended = part(page, "recommended");
    List<String> ids = shop.get("/recommend?history=2&history=3").ids();
    assertThat(ids).hasSize(10);
    assertThat(recommended)
        .containsSubsequence(
            ids.stream()
                .map(id -> "Products similar to " + Shop.TITLES.getOrDefault(id, id) + "\"")
                .toList());
    assertThat(recommended).contains("from the text,", "from clicks", "Similar");
    assertThat(page).contains("1 product of the history left out");
    assertThat(part(page, "map")).contains("All 80 items, along the two directions");
    assertThat(page).contains("10 recommended items marked");
    assertThat(part(page, "facts")).contains("sasrec", "Best epoch", "NDCG@10");
    assertThat(page).containsPattern("id=\"problem\"[^>]*hidden");
  }

  @Test
  void showsWhatEveryoneGetsWithoutAHistory() throws Exception {
    String page = page("");
    assertThat(part(page, "history-note")).contains("Empty.");
    assertThat(part(page, "recommended-note")).contains("the same for everyone", "popularity");
    assertThat(part(page, "found")).contains("Café Crème, Sofa");
    assertThat(page).containsPattern("id=\"problem\"[^>]*hidden");
  }

  @Test
  void survivesAnAddressThatIsBroken() throws Exception {
    String page = page("#history=%zz,%,");
    assertThat(part(page, "history-note")).contains("Empty.");
    assertThat(page).containsPattern("id=\"problem\"[^>]*hidden");
  }
}
