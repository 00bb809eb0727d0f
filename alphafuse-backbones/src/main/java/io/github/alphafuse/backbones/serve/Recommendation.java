package io.github.alphafuse.backbones.serve;

/**
 * An item that is recommended.
 *
 * @param item the item's id
 * @param score its score; a higher one ranks first, and only comparisons within one list mean
 *     something
 */
public record Recommendation(String item, double score) {}
