/**
 * The ways to use language embeddings that AlphaFuse is compared with, each as an item embedding
 * that SASRec and DreamRec take.
 */
@org.jspecify.annotations.NullMarked
package io.github.alphafuse.backbones.strategy;
