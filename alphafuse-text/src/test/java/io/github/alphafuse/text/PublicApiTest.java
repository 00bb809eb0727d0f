package io.github.alphafuse.text;

import io.github.alphafuse.core.fixture.PublicApi;
import org.junit.jupiter.api.Test;

class PublicApiTest {

  @Test
  void isTheCommittedOne() {
    PublicApi.requireCommitted("io.github.alphafuse.text");
  }
}
