/**
 * Interaction sequences: item vocabularies, readers, splits and the examples that models train on.
 *
 * <p>A reader turns a file into a {@link io.github.alphafuse.backbones.data.SequenceDataset}, a
 * {@link io.github.alphafuse.backbones.data.SplitStrategy} turns that into a {@link
 * io.github.alphafuse.backbones.data.DatasetSplit}, whose {@link
 * io.github.alphafuse.backbones.data.Examples} give padded batches. {@link
 * io.github.alphafuse.backbones.data.DataFolder} does all of it for a folder with files of known
 * names.
 *
 * <p>Items are rows 0 to N-1 of the item table throughout; row N is padding. Readers report a
 * problem in a file as an {@link java.lang.IllegalArgumentException} that names the file and the
 * line, and a failure to read it as an {@link java.io.UncheckedIOException}.
 */
@NullMarked
package io.github.alphafuse.backbones.data;

import org.jspecify.annotations.NullMarked;
