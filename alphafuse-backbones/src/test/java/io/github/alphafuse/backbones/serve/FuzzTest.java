package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.fixture.Mutations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that are no longer what was saved give documented errors only. */
class FuzzTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alpharec-2026-11",
        "alpharec-v1",
        "dreamrec-2026-11",
        "lightgcn-2026-11",
        "llm-esr-2026-11",
        "morec-v1",
        "rlmrec_con-v1",
        "sasrec-2026-11",
        "sasrec-v1",
        "unisrec-v1",
        "whitenrec-v1"
      })
  void models(String name) throws IOException {
    int files = Mutations.count(100);
    Map<String, Integer> outcomes =
        new Mutations(name.hashCode())
            .loadAll(
                Path.of("src/test/resources/formats", name + ".zip"),
                folder.resolve("changed"),
                files,
                SavedModel::load);
    assertThat(outcomes.get("IllegalArgumentException")).isGreaterThan(files / 2);
    assertThat(outcomes.keySet()).doesNotContain("UncheckedIOException");
  }
}
