package io.github.alphafuse.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.internal.FullDisk;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFileTest {
  @TempDir Path folder;

  @Test
  void aFullDiskLeavesTheOldFile() {
    Path file = folder.resolve("r.json");
    JsonFile.write(file, Map.of("epochs", 1));
    try (FullDisk full = new FullDisk(5)) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> JsonFile.write(file, Map.of("epochs", 2)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("cannot write " + file + ": " + FullDisk.REASON);
    }
    assertThat(file).hasContent("{\n  \"epochs\": 1\n}\n");
    assertThat(folder.toFile().list()).containsExactly("r.json");
  }

  @Test
  void aFullDiskLeavesGeneratedData() throws IOException {
    GeneratedCatalogue.Builder small = GeneratedCatalogue.builder().items(60).users(50).dim(8);
    small.build().write(folder);
    byte[] before = Files.readAllBytes(folder.resolve("item_embeddings.npy"));
    try (FullDisk full = new FullDisk(1000)) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> small.seed(5).build().write(folder))
          .hasMessage(
              "cannot write " + folder.resolve("item_embeddings.npy") + ": " + FullDisk.REASON);
    }
    assertThat(folder.resolve("item_embeddings.npy")).hasBinaryContent(before);
    assertThat(folder.toFile().list()).hasSize(6);
  }

  @Test
  void theBytesDependOnNoTimeZoneAndNoLocale() throws IOException {
    TimeZone zone = TimeZone.getDefault();
    Locale locale = Locale.getDefault();
    GeneratedCatalogue catalogue = GeneratedCatalogue.builder().items(60).users(50).dim(8).build();
    Object values = Map.of("loss", 1234567.125, "epochs", List.of(1, 20000));
    try {
      for (String name : new String[] {"UTC/en", "Pacific:Apia/ar-EG-u-nu-arab", "Asia:Tokyo/tr"}) {
        String[] parts = name.split("/", -1);
        TimeZone.setDefault(TimeZone.getTimeZone(parts[0].replace(':', '/')));
        Locale.setDefault(Locale.forLanguageTag(parts[1]));
        Path here = folder.resolve(parts[1]);
        catalogue.write(here);
        JsonFile.write(here.resolve("r.json"), values);
      }
    } finally {
      TimeZone.setDefault(zone);
      Locale.setDefault(locale);
    }
    for (String file : List.of("item_embeddings.npy", "items.tsv", "sequences.tsv", "r.json")) {
      for (String other : List.of("ar-EG-u-nu-arab", "tr")) {
        assertThat(folder.resolve(other).resolve(file))
            .hasSameBinaryContentAs(folder.resolve("en").resolve(file));
      }
    }
  }
}
