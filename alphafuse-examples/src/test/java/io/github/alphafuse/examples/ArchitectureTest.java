package io.github.alphafuse.examples;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.alphafuse.core.fixture.HouseRules;

/** The rooms of the command line; the programs and the main class print to the console. */
@AnalyzeClasses(
    packages = {
      "io.github.alphafuse.examples.command",
      "io.github.alphafuse.examples.compare",
      "io.github.alphafuse.examples.option",
      "io.github.alphafuse.examples.data",
      "io.github.alphafuse.examples.web"
    },
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

  @ArchTest
  static final ArchRule ROOMS_LOOK_DOWN =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("command")
          .definedBy("io.github.alphafuse.examples.command")
          .layer("compare")
          .definedBy("io.github.alphafuse.examples.compare")
          .layer("web")
          .definedBy("io.github.alphafuse.examples.web")
          .layer("option")
          .definedBy("io.github.alphafuse.examples.option")
          .layer("data")
          .definedBy("io.github.alphafuse.examples.data")
          .whereLayer("command")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("compare")
          .mayOnlyBeAccessedByLayers("command")
          .whereLayer("web")
          .mayOnlyBeAccessedByLayers("command")
          .whereLayer("option")
          .mayOnlyBeAccessedByLayers("command", "compare")
          .whereLayer("data")
          .mayOnlyBeAccessedByLayers("command", "compare", "option");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.github.alphafuse.examples.(**)").should().beFreeOfCycles();
}
