package io.github.alphafuse.text;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.alphafuse.core.fixture.HouseRules;

@AnalyzeClasses(
    packages = "io.github.alphafuse.text",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

  @ArchTest
  static final ArchRule NEEDS_NEITHER_BACKBONES_NOR_ND4J =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.alphafuse.backbones..", "org.nd4j..");
}
