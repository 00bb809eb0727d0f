package io.github.alphafuse.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.alphafuse.core.embedding.GraphItemRows;
import io.github.alphafuse.core.fixture.HouseRules;

@AnalyzeClasses(
    packages = "io.github.alphafuse.core",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

  @ArchTest
  static final ArchRule ND4J_STAYS_AT_ITS_SEAMS =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Tensor.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(GraphItemRows.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.nd4j..");

  @ArchTest
  static final ArchRule CORE_STANDS_ALONE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.alphafuse.backbones..");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.github.alphafuse.(**)").should().beFreeOfCycles();
}
