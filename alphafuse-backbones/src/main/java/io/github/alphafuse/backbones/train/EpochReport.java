package io.github.alphafuse.backbones.train;

import io.github.alphafuse.backbones.evaluate.Evaluation;
import java.util.Optional;

/**
 * What one epoch of training came to.
 *
 * @param epoch the epoch, from 1
 * @param loss the mean loss over its examples
 * @param seconds how long it took, evaluation included
 * @param validation the evaluation after it, if one was made
 * @param best whether this evaluation is the best so far
 */
public record EpochReport(
    int epoch, double loss, double seconds, Optional<Evaluation> validation, boolean best) {}
