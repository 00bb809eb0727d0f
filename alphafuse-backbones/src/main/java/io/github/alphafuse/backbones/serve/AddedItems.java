package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Items that were added to a model at run time, and their text.
 *
 * <p>Legend: M items, d_l language dimension. Immutable and thread-safe.
 */
final class AddedItems {
  private static final ArchiveFormat FORMAT = new ArchiveFormat("added-items", 1);

  static final AddedItems NONE =
      new AddedItems(ImmutableList.of(), Tensor.zeros(ElementType.FLOAT64, 0, 1));

  private final ImmutableList<String> ids;

  /** [M, d_l], of 64 bits, which hold the numbers of every text exactly. */
  private final Tensor text;

  private AddedItems(ImmutableList<String> ids, Tensor text) {
    this.ids = ids;
    this.text = text;
  }

  ImmutableList<String> ids() {
    return ids;
  }

  /** These items and others behind them, which are not among them. */
  AddedItems with(List<String> newIds, LanguageEmbeddings newText) {
    Tensor rows = newText.toTensor().to(ElementType.FLOAT64);
    if (ids.isEmpty()) {
      return new AddedItems(ImmutableList.copyOf(newIds), rows);
    }
    checkArgument(
        rows.shape(1) == text.shape(1),
        "text must be of width %s as that of the items added before, found %s",
        text.shape(1),
        rows.shape(1));
    return new AddedItems(
        ImmutableList.<String>builder().addAll(ids).addAll(newIds).build(), text.append(rows));
  }

  /** Those of these items that a vocabulary does not know. */
  AddedItems unknownTo(ItemVocabulary vocabulary) {
    int[] kept =
        IntStream.range(0, ids.size()).filter(i -> vocabulary.find(ids.get(i)).isEmpty()).toArray();
    if (kept.length == ids.size()) {
      return this;
    }
    if (kept.length == 0) {
      return NONE;
    }
    int width = text.shape(1);
    Tensor rows = Tensor.zeros(ElementType.FLOAT64, kept.length, width);
    ImmutableList.Builder<String> keptIds = ImmutableList.builder();
    for (int i = 0; i < kept.length; i++) {
      keptIds.add(ids.get(kept[i]));
      for (int j = 0; j < width; j++) {
        rows.set(i * width + j, text.get(kept[i] * width + j));
      }
    }
    return new AddedItems(keptIds.build(), rows);
  }

  /** A model that knows these items too. */
  RankingModel addedTo(RankingModel model) {
    return ids.isEmpty() ? model : model.withNewItems(ids, LanguageEmbeddings.of(text));
  }

  /** Writes the items; an existing file is replaced only by a complete one. */
  void write(Path file) {
    try (ArchiveWriter archive = ArchiveWriter.create(file, FORMAT)) {
      archive.text("ids", ids);
      if (!ids.isEmpty()) {
        archive.array("text", text);
      }
      archive.commit();
    }
  }

  /** Reads items that {@link #write} wrote. */
  static AddedItems read(Path file) {
    try (ArchiveReader archive = ArchiveReader.open(file, FORMAT)) {
      List<String> ids = archive.text("ids");
      if (ids.isEmpty()) {
        return NONE;
      }
      ItemVocabulary.of(ids);
      Tensor text = archive.array("text");
      checkArgument(
          text.rank() == 2 && text.shape(0) == ids.size(),
          "%s: text must have a row for each of %s items, found %s",
          file,
          ids.size(),
          text);
      return NONE.with(ids, LanguageEmbeddings.of(text));
    }
  }
}
