/**
 * The other ways to use language embeddings with which AlphaFuse is compared, each as an item
 * embedding for SASRec and DreamRec.
 */
@org.jspecify.annotations.NullMarked
package io.github.alphafuse.backbones.strategy;
