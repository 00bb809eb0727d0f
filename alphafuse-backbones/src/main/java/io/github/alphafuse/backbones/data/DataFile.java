package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Text files as streams of bytes, compressed or not. A member of a zip archive has the path of the
 * archive followed by its own. Compression is recognised by the first bytes and not by the name.
 */
final class DataFile {
  private static final int BUFFER = 1 << 16;
  private static final int SHOWN_MEMBERS = 20;
  private static final String ZIP = ".zip";

  /** What some archivers for a desktop add for themselves. */
  private static final ImmutableList<String> DESKTOP = ImmutableList.of("__MACOSX/", ".");

  private DataFile() {}

  /** Opens a file, an archive's only member, or a member that is named. */
  static InputStream open(Path file, ReadingLimits limits) throws IOException {
    Path archive = archiveOf(file);
    if (archive != null) {
      return openMember(archive, memberName(archive, file), limits);
    }
    if (isZip(file)) {
      ImmutableList<Path> members = members(file);
      if (members.size() != 1) {
        throw ambiguous(file, members);
      }
      return openMember(file, memberName(file, members.get(0)), limits);
    }
    InputStream stream = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      return isGzip(stream)
          ? new ExpandedStream(new GZIPInputStream(stream, BUFFER), Files.size(file), limits)
          : stream;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  /** The first bytes of the text, at most so many. */
  static byte[] head(Path file, int size, ReadingLimits limits) throws IOException {
    try (InputStream stream = open(file, limits)) {
      return stream.readNBytes(size);
    }
  }

  /** The table of interactions that a path stands for: the file itself, or an archive's member. */
  static Path table(Path file) throws IOException {
    if (archiveOf(file) != null || !isZip(file)) {
      return file;
    }
    ImmutableList<Path> members = members(file);
    if (members.size() == 1) {
      return members.get(0);
    }
    ImmutableList<Path> tables =
        TableNames.find(members, TableNames.withoutEnding(Place.name(file), ZIP));
    if (tables.size() == 1) {
      return tables.get(0);
    }
    throw ambiguous(file, members);
  }

  private static IllegalArgumentException ambiguous(Path archive, ImmutableList<Path> members) {
    return members.isEmpty()
        ? Place.error(archive, "expected a text file in the archive, found none")
        : Place.error(
            archive,
            "expected an archive with one file to read, found %s; name one, for example %s",
            list(members),
            Place.name(members.get(0)));
  }

  private static String list(ImmutableList<Path> members) {
    return members.stream().limit(SHOWN_MEMBERS).map(Place::name).collect(Collectors.joining(", "))
        + (members.size() > SHOWN_MEMBERS
            ? " and " + (members.size() - SHOWN_MEMBERS) + " more"
            : "");
  }

  /** The archive that a path leads into; null if the path is a file's own. */
  private static @Nullable Path archiveOf(Path file) throws IOException {
    if (Files.exists(file)) {
      return null;
    }
    for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
      if (Files.exists(parent)) {
        return isZip(parent) ? parent : null;
      }
    }
    return null;
  }

  /** Whether a path names a file, or a path inside an archive. */
  static boolean exists(Path file) {
    try {
      return Files.isRegularFile(file) || archiveOf(file) != null;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static boolean isGzip(InputStream stream) throws IOException {
    stream.mark(2);
    boolean compressed = stream.read() == 0x1F && stream.read() == 0x8B;
    stream.reset();
    return compressed;
  }

  private static boolean isZip(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] start = stream.readNBytes(4);
      return start.length == 4
          && start[0] == 'P'
          && start[1] == 'K'
          && (start[2] == 3 && start[3] == 4 || start[2] == 5 && start[3] == 6);
    }
  }

  private static ImmutableList<Path> members(Path archive) throws IOException {
    try (ZipFile zip = zip(archive)) {
      ImmutableList.Builder<Path> members = ImmutableList.builder();
      for (ZipEntry entry : ImmutableList.copyOf(zip.entries().asIterator())) {
        String name = entry.getName();
        boolean added = DESKTOP.stream().anyMatch(name::startsWith) || name.contains("/.");
        if (entry.isDirectory() || (added && !name.contains(".."))) {
          continue;
        }
        Path member = memberOf(archive, name);
        if (!member.startsWith(archive) || !member.normalize().startsWith(archive.normalize())) {
          throw Place.error(
              archive, "expected members inside the archive, found the name \"%s\"", name);
        }
        members.add(member);
      }
      return members.build();
    }
  }

  private static Path memberOf(Path archive, String name) {
    try {
      return archive.resolve(name);
    } catch (InvalidPathException e) {
      throw Place.error(
          archive,
          "expected members with names that a path can have, found \"%s\"",
          name.replace('\0', ' '));
    }
  }

  private static String memberName(Path archive, Path member) {
    StringBuilder name = new StringBuilder();
    for (Path part : archive.relativize(member)) {
      name.append(name.length() == 0 ? "" : "/").append(part);
    }
    return name.toString();
  }

  private static InputStream openMember(Path archive, String name, ReadingLimits limits)
      throws IOException {
    ZipFile zip = zip(archive);
    try {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null || entry.isDirectory()) {
        throw Place.error(
            archive, "expected a member named \"%s\", found %s", name, list(members(archive)));
      }
      long size = Math.min(Math.max(0, entry.getCompressedSize()), Files.size(archive));
      InputStream stream =
          new BufferedInputStream(
              new ExpandedStream(zip.getInputStream(entry), size, limits), BUFFER);
      InputStream text =
          isGzip(stream)
              ? new ExpandedStream(new GZIPInputStream(stream, BUFFER), size, limits)
              : stream;
      return new FilterInputStream(text) {
        @Override
        public void close() throws IOException {
          try {
            super.close();
          } finally {
            zip.close();
          }
        }
      };
    } catch (IOException | IllegalArgumentException e) {
      zip.close();
      throw e;
    }
  }

  private static ZipFile zip(Path archive) throws IOException {
    try {
      return new ZipFile(archive.toFile());
    } catch (IllegalArgumentException e) {
      throw new ZipException("a name in the archive is not UTF-8: " + e.getMessage());
    }
  }

  /**
   * The files of a folder in the order of their names, which hold what is named, except those whose
   * name begins with a dot or an underscore.
   */
  static ImmutableList<Path> list(Path folder, String content) {
    ImmutableList<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> !Place.name(file).startsWith(".") && !Place.name(file).startsWith("_"))
              .sorted()
              .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw Place.error(
            folder, "expected files of %s, found %s, which is none", content, Place.name(file));
      }
    }
    if (files.isEmpty()) {
      throw Place.error(folder, "expected files of %s, found an empty folder", content);
    }
    return files;
  }

  /** Whether a name is that of a zip archive. */
  static boolean isZipName(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(ZIP);
  }

  /** The error of a file that cannot be read. */
  static UncheckedIOException unreadable(Path file, IOException cause) {
    String problem = "";
    if (cause instanceof ExpandedStream.TooLargeException) {
      problem = ": " + cause.getMessage();
    } else if (cause instanceof ZipException || cause instanceof EOFException) {
      problem = ": its compressed data are broken or cut off";
    }
    return new UncheckedIOException("cannot read " + file + problem, cause);
  }
}
