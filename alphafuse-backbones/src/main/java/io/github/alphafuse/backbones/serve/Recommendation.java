package io.github.alphafuse.backbones.serve;

/**
 * A recommended item.
 *
 * @param item the item's id
 * @param score its score; a higher one ranks first, and scores are comparable only within one list
 */
public record Recommendation(String item, double score) {}
