package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.language.ItemCatalogue.Item;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueReaderTest {
  private static final CatalogueReader READER = CatalogueReader.builder().build();
  private static final Item KETTLE = new Item("k-1", "Größe \"M\", 日本", "Größe \"M\", 日本. Ä & Co");

  @TempDir Path folder;
  private TemporaryFiles files;

  @BeforeEach
  void setUp() {
    files = new TemporaryFiles(folder);
  }

  private ItemTable read(String content) {
    return READER.read(files.write("products.csv", content));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sku,title,brand,price\nk-1,\"Größe \"\"M\"\", 日本\",Ä & Co,9.99\n",
        "\uFEFFprice;Brand;TITLE;SKU\r\n9,99;\"Ä &amp;\r\n Co\";\"Größe \"\"M\"\", 日本\";k-1\r\n\r\n",
        "product_id:token\tname\tbrand\nk-1\tGröße \"M\", 日本\tÄ & Co",
        "{\"asin\":\"k-1\",\"title\":\"Größe \\\"M\\\", 日本\",\"brand\":[\"Ä &\",\"Co\"],\"x\":{}}",
        "[{\"id\":\"k-1\"},\n {\"id\":\"k-1\",\"title\":\"<b>Größe</b>\\n\\\"M\\\", 日本\",\"brand\":\"Ä"
            + "<br/>&amp; Co\"}]"
      })
  void readsTablesOfAnyForm(String content) {
    assertThat(read(content).catalogue().items()).containsExactly(KETTLE);
  }

  @Test
  void columnsMayBeNamed() {
    ItemTable read =
        CatalogueReader.builder()
            .idColumn("nr")
            .textColumns("what", "why")
            .titleColumn("short")
            .build()
            .read(files.write("p.csv", "nr,short,what,why\n1,s,Stop!,for a  reason\n2,,w,\n"));
    assertThat(read.catalogue().items())
        .containsExactly(new Item("1", "s", "Stop! for a reason"), new Item("2", "w", "w"));
    assertThat(read.textColumns()).containsExactly("what", "why");
    assertThat(read.dropped()).isEmpty();
  }

  @Test
  void withoutATitleTheFirstTextIsIt() {
    assertThat(
            CatalogueReader.builder()
                .textColumns("description")
                .build()
                .read(files.write("p.csv", "id,description\n1,d\n"))
                .catalogue()
                .titles())
        .containsExactly("d");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a &lt;b&gt; c|a <b> c",
        "5 < 6 > 4 <M> <3|5 < 6 > 4 <M> <3",
        "<p>one</p><p class='x'>two</p>|one two",
        "w<b>or</b>d|word",
        "<!-- no --><script>var x = '<p>';</script>yes|yes",
        "AT&T &unknown; &#8364; &#x20AC; &#99999999;|AT&T &unknown; € € &#99999999;"
      })
  void textIsPlain(String html, String plain) {
    assertThat(PlainText.of(html)).isEqualTo(plain);
  }

  @Test
  void whatIsLeftOutIsCounted() {
    ItemTable read =
        CatalogueReader.builder()
            .malformedLines(MalformedLines.SKIP)
            .build()
            .read(
                files.write(
                    "p.csv", "sku,title,price\n1,a,2\n,b,2\n2, <br> ,2\n1,a,3\n3,c\n\n4,d,1\n"));
    assertThat(read.catalogue().ids()).containsExactly("1", "4");
    assertThat(read.dropped().stream().map(Dropped::toString))
        .containsExactly(
            "3 malformed lines (e.g. p.csv line 3: expected an item in column sku, found none,"
                + " p.csv line 6: expected 3 fields (sku, title, price), found 2, p.csv line 7:"
                + " expected an item, found a blank line)",
            "1 lines of items that have another (e.g. 1 in p.csv line 5)",
            "1 items without text (e.g. 2 in p.csv line 4)");
  }

  @Test
  void itemsThatDifferAreRefusedUnlessOneIsChosen() {
    Path file = files.write("p.csv", "sku,title\n1,a\n2,b\n1,c\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(file))
        .withMessage(
            "p.csv line 4: expected one text per item, found for \"1\" \"c\", and \"a\" in p.csv line"
                + " 2; duplicateItems takes the first or the last");
    CatalogueReader.Builder reader = CatalogueReader.builder();
    ItemTable first = reader.duplicateItems(DuplicateItems.FIRST).build().read(file);
    ItemTable last = reader.duplicateItems(DuplicateItems.LAST).build().read(file);
    assertThat(first.catalogue().titles()).containsExactly("a", "b");
    assertThat(last.catalogue().titles()).containsExactly("c", "b");
    assertThat(first.dropped()).extracting(Dropped::count).containsExactly(1L);
    assertThat(last.dropped()).isEqualTo(first.dropped());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|expected one item per line, found an empty file",
        "'sku,title'|expected one item per line, found only the names of the columns",
        "'nr,title\n1,a'|expected a column named item_id or sku",
        "'sku,colour\n1,red'|found the columns sku, colour; if it has another name, set textColumns",
        "'sku,title\n1,\n2,'|found only 2 items without text (e.g. 1 in",
        "'sku,title\n,a'|line 2: expected an item in column sku, found none",
        "'sku,title\n\n1,a'|line 2: expected an item, found a blank line",
        "'sku,title\n1,a,b'|line 2: expected 2 fields (sku, title), found 3",
        "'{\"sku\":\"1\",\"title\":\"a\"}\nno'|line 2: expected one JSON object, found no",
        "'{\"sku\":\"a\\nb\",\"title\":\"a\"}'|expected an item without line breaks"
      })
  void badTablesAreRefused(String content, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(content))
        .withMessageStartingWith("products.csv")
        .withMessageContaining(message);
  }

  @Test
  void limitsHoldForTablesOfItems() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CatalogueReader.builder()
                    .maxLineLength(9)
                    .build()
                    .read(files.write("p.csv", "sku,title\n1,aaaaaaaaaaaaaa\n")))
        .withMessageContaining("maxLineLength");
  }

  @Test
  void rowsOfAQueryAreItems() {
    assertThat(
            READER
                .read(
                    Rows.of(
                            "SKU,TITLE,BRAND",
                            new Object[] {new BigDecimal("17"), "a", null},
                            new Object[] {"18", new Object[] {"b", "c"}, "d"})
                        .resultSet())
                .catalogue()
                .items())
        .containsExactly(new Item("17", "a", "a"), new Item("18", "b c", "b c. d"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(Rows.of("sku,title").resultSet()))
        .withMessage("result set: expected one item per row, found no row");
    assertThatThrownBy(() -> READER.read(Rows.of("sku,title").failing(1).resultSet()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot read the result set after row 0: connection lost");
  }
}
