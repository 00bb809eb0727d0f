package io.github.alphafuse.backbones;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.alphafuse.core.fixture.HouseRules;

@AnalyzeClasses(
    packages = "io.github.alphafuse.backbones",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest static final ArchTests HOUSE = ArchTests.in(HouseRules.class);

  @ArchTest
  static final ArchRule ND4J_STAYS_IN_THE_SAMEDIFF_ENGINE =
      noClasses()
          .that()
          .haveNameNotMatching(
              "io.github.alphafuse.backbones.("
                  + "model.Backend"
                  + "|internal.encoder.(EncoderGraph|SameDiffEncoder)"
                  + "|internal.ranking.GraphProducts"
                  + "|loss.(GraphLoss|LossGraph)"
                  + "|sasrec.SameDiffObjective"
                  + "|dreamrec.(AffineSampler|AffineTerms|DenoiserGraph|NaiveSampler"
                  + "|SameDiffDreamRecObjective)"
                  + ")([$].*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.nd4j..");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.github.alphafuse.backbones.(**)").should().beFreeOfCycles();
}
