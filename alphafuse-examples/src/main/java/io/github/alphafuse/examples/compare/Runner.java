package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.RunOptions;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the runs that a folder does not hold yet.
 *
 * @param protocol what is the same for all runs
 * @param folder where finished runs are
 * @param isTested whether a model is tested after training
 * @param out where is said what became of a run
 * @param progress where its progress is shown; null for nowhere
 */
record Runner(
    Protocol protocol,
    RunFolder folder,
    boolean isTested,
    PrintWriter out,
    @Nullable PrintWriter progress) {

  Run run(RunPlan plan, RunKey key) {
    Optional<Run> finished = folder.read(key);
    if (finished.isPresent()) {
      out.println("finished before");
      return finished.get();
    }
    RunOptions options = plan.options(key, folder.checkpoint(key));
    PreparedRun prepared = protocol.prepare(options);
    prepared.leftOut().ifPresent(out::println);
    TrainingReport training =
        new Progress(progress, options.training().metric()).of(prepared.training());
    out.println("Training:   " + training);
    if (training.stop() == TrainingReport.Stop.INTERRUPTED) {
      throw new CommandFailedException(
          "interrupted; the same command goes on from epoch " + training.epochs().size());
    }
    Run run = report(key, prepared, training);
    folder.write(run);
    return run;
  }

  private Run report(RunKey key, PreparedRun prepared, TrainingReport training) {
    ReportLayout layout = protocol.layout();
    boolean tests = isTested && training.bestEpoch() > 0;
    TestReport test = tests ? prepared.test().get() : TestReport.NONE;
    return new Run(
        key.method(),
        key.learningRate(),
        key.seed(),
        training.stop().name(),
        prepared.model().parameterCount(),
        Report.epochs(training, layout::values),
        training.bestEpoch(),
        training.bestValidation().map(layout::values).map(Map::copyOf).orElse(Map.of()),
        test.metrics(layout::values),
        test.groups(),
        tests ? protocol.timer().milliseconds(prepared.model()) : 0,
        test.ranks());
  }
}
