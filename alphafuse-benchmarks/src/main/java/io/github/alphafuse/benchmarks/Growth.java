package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.sasrec.SasRec;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * How a SASRec step under InfoNCE grows with items, dimension and history length, each varied alone
 * while the others stay at their smallest.
 */
final class Growth {
  private static final List<Integer> ITEMS = List.of(10_000, 100_000, 1_000_000);

  private Growth() {}

  /** A model's sizes. */
  private record Point(int items, int dim, int length) {}

  static void measure(RunSettings settings, Consumer<Report> out) {
    Sizes.Grid grid = settings.sizes().grid();
    List<Integer> items = grid.items().isEmpty() ? ITEMS : grid.items();
    Point base = new Point(items.get(0), grid.dims().get(0), grid.lengths().get(0));
    Stream<Point> points =
        Stream.of(
                items.stream().map(n -> new Point(n, base.dim(), base.length())),
                grid.dims().stream().map(d -> new Point(base.items(), d, base.length())),
                grid.lengths().stream().map(l -> new Point(base.items(), base.dim(), l)))
            .flatMap(varied -> varied)
            .distinct();
    points.forEach(point -> out.accept(measure(settings, point)));
  }

  private static Report measure(RunSettings settings, Point point) {
    SasRec model =
        new ModelRecipe(settings)
            .sasRec(
                RandomItems.of(
                    point.items(), point.dim(), Math.min(settings.sizes().nullDim(), point.dim())),
                point.length());
    Examples examples =
        new RandomHistories(point.items(), Math.max(2, point.length()))
            .examples(10 * settings.sizes().batchSize(), new SplittableRandom(22));
    InfoNce loss = InfoNce.withNegatives(settings.sizes().negatives());
    StepTimer.Timing timing =
        new Training<>(
                model,
                loss,
                Training.adam(settings, model),
                examples,
                Training.Batches.ofLast(settings))
            .time(settings);
    return Report.of(settings.task())
        .put("items", point.items())
        .put("dim", point.dim())
        .put("length", point.length())
        .putTimes(timing.times())
        .putProcess(settings, settings.engine())
        .putMemory(timing);
  }
}
