package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.fixture.EngineCases;
import io.github.alphafuse.backbones.fixture.Strategies;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.ElementType;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Models over strategies saved in each released format stay loadable. A file is written once, by
 * {@link #write}, and never again: a new format gets a new file beside the old ones.
 */
class StoredStrategyTest {
  private static final int ITEMS = 12;

  private static SasRec model(Strategies strategy) {
    SasRec model =
        SasRec.builder(strategy.of(ElementType.FLOAT32, ITEMS)).maxLength(4).dropout(0).build();
    EngineCases.perturb(model);
    return model;
  }

  private static String name(Strategies strategy) {
    return strategy.name().toLowerCase(Locale.ROOT) + "-v1.zip";
  }

  /** Rows of item 0, from the stored numbers, outside this library. */
  @ParameterizedTest
  @CsvSource({
    "MOREC, 0.0782932, 0.1559810, -0.0203498",
    "WHITENREC, -0.0601449, -0.1532491, 0.8474209",
    "UNISREC, -0.0478140, -0.4688833, -0.1551547",
    "RLMREC_CON, -1.2739718, 0.0226988, 0.2237798"
  })
  void loadsTheModelOfFormat1(Strategies strategy, float first, float second, float third)
      throws URISyntaxException {
    URL url = requireNonNull(StoredStrategyTest.class.getResource("/formats/" + name(strategy)));
    SasRec loaded = SasRec.load(Path.of(url.toURI()));
    assertThat(loaded.items()).hasToString(model(strategy).items().toString());
    assertThat(Arrays.copyOf(loaded.items().table().floats(), 3))
        .containsExactly(new float[] {first, second, third}, within(1e-4f));
  }

  /** {@code -Dalphafuse.writeFormats=folder} writes files of the format of now. */
  @ParameterizedTest
  @EnumSource(names = {"MOREC", "WHITENREC", "UNISREC", "RLMREC_CON"})
  @EnabledIfSystemProperty(named = "alphafuse.writeFormats", matches = ".+")
  void write(Strategies strategy) {
    Path folder = Path.of(requireNonNull(System.getProperty("alphafuse.writeFormats")));
    model(strategy).save(folder.resolve(name(strategy)));
  }
}
