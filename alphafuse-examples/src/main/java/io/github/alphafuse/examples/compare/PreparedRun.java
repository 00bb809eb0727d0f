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
 * @param leftOut what was left out of the text, if anything was
 * @param model the model with its start weights
 * @param training trains it
 * @param test tells how it ranks the test part
 */
record PreparedRun(
    Optional<String> leftOut,
    RankingModel model,
    Function<TrainingListener, TrainingReport> training,
    Supplier<TestReport> test) {}
