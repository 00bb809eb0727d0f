package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.language.ItemCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of tables of products, whose columns become the ids, titles and texts of an {@link
 * ItemCatalogue}.
 *
 * <p>Files are tables or JSON objects, with names of the columns, as {@link InteractionReader}
 * reads them: fields between TABs, {@code ::}, commas or semicolons, quoted or not, with line
 * breaks in quotes; compressed or not. By default the columns are the first that exist of
 *
 * <ul>
 *   <li>id: {@code item_id}, {@code sku}, {@code product_id}, {@code parent_asin}, {@code asin},
 *       {@code movie_id}, {@code item}, {@code id};
 *   <li>title: {@code title}, {@code item_title}, {@code product_title}, {@code movie_title},
 *       {@code name}, {@code product_name};
 *   <li>text: all that exist of the names of titles and of {@code brand}, {@code category}, {@code
 *       categories}, {@code genres}, {@code features}, {@code description}, in this order.
 * </ul>
 *
 * <p>A text is made of its columns as sentences, without the marks of HTML, in one line. Items are
 * in the order of their first line. Those without any text cannot be told apart by it: they are
 * left out, and counted as {@link DropReason#NO_TEXT}. Immutable and thread-safe.
 */
public final class CatalogueReader {
  private final Builder options;

  private CatalogueReader(Builder options) {
    this.options = options;
  }

  /**
   * A builder of a reader that knows the usual names of columns.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file, or the files of a folder together, in the order of their names.
   *
   * @param file the file or folder; a path may lead on into a zip archive
   * @return the items
   * @throws IllegalArgumentException naming the file and the line, if a column is missing, the file
   *     has no item, two lines of an item differ in title or text (unless {@link
   *     Builder#duplicateItems} says which one to take), or a line is blank, has another number of
   *     fields than there are columns, is no JSON object although the first is, or has a blank id
   *     or one that cannot be saved (unless malformed lines are skipped), is too long, or is not
   *     UTF-8
   * @throws UncheckedIOException if the file cannot be read, or expands too far
   */
  public ItemTable read(Path file) {
    return read(
        file, Files.isDirectory(file) ? DataFile.list(file, "items") : ImmutableList.of(file));
  }

  /**
   * Reads several files together, in the order given.
   *
   * @param files the files, at least one
   * @return the items
   * @throws IllegalArgumentException if there is no file, or as {@link #read(Path)}
   * @throws UncheckedIOException if a file cannot be read, or expands too far
   */
  public ItemTable read(List<Path> files) {
    checkArgument(!files.isEmpty(), "files must name at least one file, found none");
    return read(files.get(0), files);
  }

  private ItemTable read(Path source, List<Path> files) {
    CatalogueTable table = new CatalogueTable(Source.of(source), options);
    for (Path file : files) {
      try {
        read(file, table);
      } catch (IOException e) {
        throw DataFile.unreadable(file, e);
      }
    }
    return table.toTable();
  }

  /**
   * Reads the rows of a query, up to the end; the result set stays open. Columns are found by their
   * labels, and values of any type are their text.
   *
   * @param resultSet the rows
   * @return the items
   * @throws IllegalArgumentException naming the row, from 1, as {@link #read(Path)} names the line
   * @throws UncheckedIOException if the database reports an error, with an {@link IOException}
   *     whose cause is its {@link java.sql.SQLException}
   */
  public ItemTable read(ResultSet resultSet) {
    CatalogueTable table = new CatalogueTable(Source.RESULT_SET, options);
    SqlRows rows = new SqlRows(resultSet);
    table.begin(Source.RESULT_SET, "column");
    table.locate(rows.labels());
    while (rows.next()) {
      table.add(rows.row(), rows::value);
    }
    return table.toTable();
  }

  private void read(Path file, CatalogueTable table) throws IOException {
    DelimitedTable.Head head = DelimitedTable.Head.of(file, options.limits);
    if (head.isJson()) {
      readObjects(file, head.isJsonList(), table);
      return;
    }
    table.begin(Source.of(file), "column");
    if (!head.isBlank()) {
      DelimitedTable.read(file, options.limits, "an item", new Lines(table));
    }
  }

  private void readObjects(Path file, boolean isList, CatalogueTable table) {
    table.begin(Source.of(file), "field");
    JsonRow row = new JsonRow(new Place(file, 1), "");
    Set<String> names = new LinkedHashSet<>();
    try (TextLines objects =
        JsonListReader.objects(file, isList, options.limits, (from, to) -> {})) {
      for (int i = 0; i < TimeSearch.LINES && objects.next(); i++) {
        row.line(objects.place(), objects.text());
        try {
          names.addAll(row.texts().keySet());
        } catch (MalformedLineException e) {
          continue; // It is rejected, or counted, when all lines are read.
        }
      }
    }
    if (!names.isEmpty()) {
      table.locate(names);
    }
    try (TextLines objects =
        JsonListReader.objects(file, isList, options.limits, table::addBlank)) {
      while (objects.next()) {
        row.line(objects.place(), objects.text());
        try {
          ImmutableMap<String, String> values = row.texts();
          table.add(objects.line(), index -> values.getOrDefault(table.names().get(index), ""));
        } catch (MalformedLineException e) {
          table.reject(e);
        }
      }
    }
  }

  /** The lines of a table, of which the first names the columns. */
  private record Lines(CatalogueTable table) implements DelimitedTable.Rows {
    @Override
    public void addBlank(long from, long to) {
      table.addBlank(from, to);
    }

    @Override
    public void add(long line, List<String> fields) {
      if (!table.isLocated()) {
        table.locate(fields);
        return;
      }
      table.add(
          line,
          index -> {
            if (fields.size() != table.names().size()) {
              throw new MalformedLineException(
                  table.place(line),
                  "expected %s fields (%s), found %s",
                  table.names().size(),
                  String.join(", ", table.names()),
                  fields.size());
            }
            return fields.get(index);
          });
    }
  }

  /** A builder of {@link CatalogueReader}. Not thread-safe. */
  public static final class Builder extends FileReaderBuilder<Builder> {
    private static final ImmutableList<String> IDS =
        ImmutableList.of(
            "item_id", "sku", "product_id", "parent_asin", "asin", "movie_id", "item", "id");
    private static final ImmutableList<String> TITLES =
        ImmutableList.of(
            "title", "item_title", "product_title", "movie_title", "name", "product_name");
    private static final ImmutableList<String> TEXTS =
        ImmutableList.<String>builder()
            .addAll(TITLES)
            .add("brand", "category", "categories", "genres", "features", "description")
            .build();

    MalformedLines malformedLines = MalformedLines.REJECT;
    DuplicateItems duplicateItems = DuplicateItems.REJECT;
    private @Nullable String idColumn;
    private @Nullable String titleColumn;
    private ImmutableList<String> textColumns = ImmutableList.of();

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    ImmutableList<String> idNames() {
      return idColumn == null ? IDS : ImmutableList.of(idColumn);
    }

    ImmutableList<String> titleNames() {
      return titleColumn == null ? TITLES : ImmutableList.of(titleColumn);
    }

    boolean isTitleNamed() {
      return titleColumn != null;
    }

    ImmutableList<String> textNames() {
      return isTextNamed() ? textColumns : TEXTS;
    }

    boolean isTextNamed() {
      return !textColumns.isEmpty();
    }

    /**
     * Sets the name of the column of ids. The default is one of the usual names.
     *
     * @param idColumn the name
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder idColumn(String idColumn) {
      this.idColumn = checkName("idColumn", idColumn);
      return this;
    }

    /**
     * Sets the name of the column of titles, as people see them. The default is one of the usual
     * names, or else the first column of the text, which also stands for a blank title.
     *
     * @param titleColumn the name
     * @return this builder
     * @throws IllegalArgumentException if the name is blank
     */
    @CanIgnoreReturnValue
    public Builder titleColumn(String titleColumn) {
      this.titleColumn = checkName("titleColumn", titleColumn);
      return this;
    }

    /**
     * Sets the names of the columns whose values, one after the other, are the text of an item. The
     * default is those of the usual names that exist.
     *
     * @param textColumns the names, at least one
     * @return this builder
     * @throws IllegalArgumentException if there is no name or one is blank
     */
    @CanIgnoreReturnValue
    public Builder textColumns(String... textColumns) {
      checkArgument(
          textColumns.length > 0, "textColumns must name at least one column, found none");
      for (String name : textColumns) {
        checkName("textColumns", name);
      }
      this.textColumns = ImmutableList.copyOf(textColumns);
      return this;
    }

    private static String checkName(String option, String name) {
      checkArgument(
          !InteractionTable.normalize(name).isEmpty(),
          "%s must be a name that is not blank, found \"%s\"",
          option,
          name);
      return name;
    }

    /**
     * Sets how lines are handled that have the id of another, but a different title or text. The
     * default is {@link DuplicateItems#REJECT}.
     *
     * @param duplicateItems how they are handled
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder duplicateItems(DuplicateItems duplicateItems) {
      this.duplicateItems = checkNotNull(duplicateItems, "duplicateItems");
      return this;
    }

    /**
     * Sets how lines that are no item are handled. The default is {@link MalformedLines#REJECT}.
     *
     * @param malformedLines how they are handled
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder malformedLines(MalformedLines malformedLines) {
      this.malformedLines = checkNotNull(malformedLines, "malformedLines");
      return this;
    }

    /**
     * The reader.
     *
     * @return the reader
     */
    public CatalogueReader build() {
      return new CatalogueReader(copy());
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.limits = limits;
      copy.malformedLines = malformedLines;
      copy.duplicateItems = duplicateItems;
      copy.idColumn = idColumn;
      copy.titleColumn = titleColumn;
      copy.textColumns = textColumns;
      return copy;
    }
  }
}
