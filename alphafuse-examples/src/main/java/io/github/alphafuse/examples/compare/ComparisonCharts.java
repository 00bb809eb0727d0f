package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.colors.XChartSeriesColors;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a comparison as PNG files. */
final class ComparisonCharts {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 600;
  private static final int MOST_STEPS = 10;
  private static final String GROUP_METRIC = "NDCG@20";

  private final Path folder;
  private final ComparisonTables tables;
  private final String metric;
  private final List<MethodRuns> methods;

  /** Creates the charts of some tables, to be written into a folder. */
  ComparisonCharts(Path folder, ComparisonTables tables) {
    this.folder = folder;
    this.tables = tables;
    this.metric = tables.metric();
    this.methods = tables.methods();
  }

  /** The pictures. */
  enum Picture {
    CURVES("curves.png", "Validation by epoch"),
    METRICS("metrics.png", "Test metrics"),
    SPECTRUM("spectrum.png", "Spectrum of the language embeddings"),
    GROUPS("groups.png", "Test by group");

    private final String file;
    private final String title;

    Picture(String file, String title) {
      this.file = file;
      this.title = title;
    }

    String file() {
      return file;
    }

    String title() {
      return title;
    }
  }

  private void write(Picture picture, Chart<?, ?> chart) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ChartEncoder.saveChart(chart, bytes, "png");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot draw " + picture.file, e);
    }
    JsonFile.writeBytes(folder.resolve(picture.file), bytes.toByteArray());
  }

  private static XYChart lines(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(Styler.ChartTheme.Matlab)
            .build();
    style(chart.getStyler());
    return chart;
  }

  /** Sets what all charts share. Numbers have the same digits on every machine. */
  private static void style(AxesChartStyler styler) {
    styler.setLocale(Locale.ROOT);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setSeriesColors(new XChartSeriesColors().getSeriesColors());
  }

  /** Labels the horizontal axis in round steps from 0 to at least {@code last}. */
  private static void countTo(XYChart chart, int last) {
    int step = 1;
    for (int next = 0; last > MOST_STEPS * step; next++) {
      step = next % 3 == 1 ? step / 2 * 5 : step * 2; // 1, 2, 5, 10, 20, 50
    }
    int steps = Math.max(1, (last + step - 1) / step);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax((double) steps * step);
    chart.getStyler().setXAxisMaxLabelCount(steps + 1);
  }

  /** Draws the validation metric of the first seed of each method by epoch. */
  void curves() {
    XYChart chart = lines("Validation " + metric + ", first seed", "epoch", metric);
    chart.getStyler().setYAxisDecimalPattern("0.0###");
    int last = 0;
    for (MethodRuns each : methods) {
      List<Double> epochs = new ArrayList<>();
      List<Double> values = new ArrayList<>();
      for (Report.Epoch epoch : each.runs().get(0).epochs()) {
        Double value = epoch.validation().get(metric);
        if (value != null) {
          epochs.add((double) epoch.epoch());
          last = Math.max(last, epoch.epoch());
          values.add(value);
        }
      }
      if (!epochs.isEmpty()) {
        XYSeries series = chart.addSeries(each.name(), epochs, values);
        series.setMarker(epochs.size() < 3 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      }
    }
    countTo(chart, last);
    write(Picture.CURVES, chart);
  }

  /** Draws the means of test metrics over seeds, with their spread. */
  void metrics() {
    write(
        Picture.METRICS,
        bars(
            "Test, "
                + (tables.layout().ranking().isEmpty()
                    ? "all items ranked"
                    : tables.layout().ranking()),
            tables.layout().bars().stream().map(Metric::toString).toList(),
            name -> method -> method.test(name)));
  }

  /** Draws the test metrics of groups under the full ranking, with their spread. */
  void groups() {
    List<String> names = List.copyOf(ComparisonTables.groups(tables.popularity().subList(0, 1)));
    if (!names.isEmpty()) {
      write(
          Picture.GROUPS,
          bars(
              "Test " + GROUP_METRIC + " by group, all items ranked",
              names,
              name -> method -> method.group(name, GROUP_METRIC)));
    }
  }

  private CategoryChart bars(
      String title,
      List<String> names,
      Function<String, Function<MethodRuns, MethodRuns.Summary>> value) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .theme(Styler.ChartTheme.Matlab)
            .build();
    style(chart.getStyler());
    chart.getStyler().setYAxisDecimalPattern("0.0###");
    for (MethodRuns each : methods) {
      List<Double> means = new ArrayList<>();
      List<Double> spreads = new ArrayList<>();
      for (String name : names) {
        MethodRuns.Summary summary = value.apply(name).apply(each);
        means.add(Double.isFinite(summary.mean()) ? summary.mean() : 0);
        spreads.add(Double.isFinite(summary.deviation()) ? summary.deviation() : 0);
      }
      chart.addSeries(each.name(), names, means, spreads);
    }
    return chart;
  }

  /** Draws the variances of all directions of the text and marks those to which IDs are added. */
  void spectrum(NullSpaceProjector projector) {
    XYChart chart =
        lines("Spectrum of the language embeddings", "direction", "variance (log scale)");
    chart.getStyler().setYAxisLogarithmic(true);
    double[] variances = projector.singularValues();
    part(chart, "row space, text alone", variances, 0, projector.rowDim());
    part(
        chart, "null space, text and IDs", variances, projector.rowDim(), projector.embeddingDim());
    part(chart, "cut off", variances, projector.embeddingDim(), variances.length);
    countTo(chart, variances.length);
    write(Picture.SPECTRUM, chart);
  }

  private static void part(XYChart chart, String name, double[] variances, int from, int to) {
    if (from >= to) {
      return;
    }
    double least = variances[0] * 1e-12;
    double[] directions = new double[to - from];
    double[] values = new double[to - from];
    for (int i = from; i < to; i++) {
      directions[i - from] = i + 1;
      values[i - from] = Math.max(variances[i], least);
    }
    chart
        .addSeries(name, directions, values)
        .setMarker(values.length < 3 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }
}
