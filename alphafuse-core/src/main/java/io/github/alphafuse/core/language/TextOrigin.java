package io.github.alphafuse.core.language;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.alphafuse.core.internal.ItemIds;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What items know of the language embeddings that they were made from: the ids of the items, the
 * digest of the numbers, and how these were prepared.
 *
 * <p>Immutable and thread-safe.
 *
 * @param ids [N] the ids in row order, if the text knew them
 * @param digest the {@link LanguageEmbeddings#digest()}, or one of those of several texts; empty if
 *     the items were made without text or saved by a version that kept no digest
 * @param preparation how the numbers were normalised and scaled, for comparison; empty if they were
 *     taken as they are, or it is not known
 */
public record TextOrigin(
    Optional<ImmutableList<String>> ids, Optional<String> digest, String preparation) {
  /** The origin of items that were made without text. */
  public static final TextOrigin NONE = new TextOrigin(Optional.empty(), Optional.empty(), "");

  private static final String DIGEST = "textDigest";
  private static final String PREPARATION = "textPreparation";

  /**
   * The origin of items that were made from language embeddings.
   *
   * @param text the embeddings, which are read once
   * @return their ids and digest
   * @throws IllegalArgumentException if a number is not finite
   */
  public static TextOrigin of(LanguageEmbeddings text) {
    return new TextOrigin(text.ids(), Optional.of(text.digest()), "");
  }

  /**
   * The same origin with how the numbers were prepared.
   *
   * @param how the options of the preparation, in words
   * @return a copy
   */
  public TextOrigin prepared(String how) {
    return new TextOrigin(ids, digest, how);
  }

  /**
   * The origin of a catalogue and of new items behind it.
   *
   * @param added the language embeddings of the new items
   * @return ids and a digest of both, each only if it is known for both
   * @throws IllegalArgumentException if an id occurs twice or a number is not finite
   */
  public TextOrigin append(LanguageEmbeddings added) {
    return new TextOrigin(
        ItemIds.append(ids, added.ids()),
        digest.map(first -> joined(first, added.digest())),
        preparation);
  }

  private static String joined(String first, String second) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(first + "\n" + second, StandardCharsets.UTF_8);
    return "sha256:" + hasher.hash();
  }

  /**
   * Writes digest and preparation. The ids are saved with the vocabulary of a model.
   *
   * @param archive the section of the items
   */
  public void write(ArchiveWriter archive) {
    digest.ifPresent(value -> archive.setting(DIGEST, value));
    if (!preparation.isEmpty()) {
      archive.setting(PREPARATION, preparation);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param archive the section of the items
   * @return an origin without ids
   * @throws IllegalArgumentException if something is no string
   */
  public static TextOrigin read(ArchiveReader archive) {
    return new TextOrigin(
        Optional.empty(),
        archive.hasSetting(DIGEST) ? Optional.of(archive.stringSetting(DIGEST)) : Optional.empty(),
        archive.hasSetting(PREPARATION) ? archive.stringSetting(PREPARATION) : "");
  }
}
