package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.RunOptions;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the runs that are not yet in a folder.
 *
 * @param protocol the protocol that all runs share
 * @param folder the folder of finished runs
 * @param isTested whether a model is tested after training
 * @param out the writer that receives the result of each run
 * @param progress the writer that receives the progress of each run, or null for none
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
        new Progress(progress, out, options.training().metric()).of(prepared.training());
    out.println("Training:   " + training);
    if (training.stop() == TrainingReport.Stop.INTERRUPTED) {
      throw new CommandFailedException(
          "interrupted; the same command resumes from epoch " + training.epochs().size());
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
        Report.epochs(training),
        training.bestEpoch(),
        training.bestValidation().map(layout::values).orElse(Map.of()),
        test.metrics(layout::values),
        test.groups(),
        tests ? protocol.timer().milliseconds(prepared.model()) : 0,
        test.ranks());
  }
}
