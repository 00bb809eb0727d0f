package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A run that is ready to be trained.
 *
 * @param leftOut a message about the directions left out of the text, if there are any
 * @param model the model with its initial weights
 * @param training trains the model and reports progress to a listener
 * @param test evaluates the model on the test part
 */
record PreparedRun(
    Optional<String> leftOut,
    RankingModel model,
    Function<TrainingListener, TrainingReport> training,
    Supplier<TestReport> test) {}
