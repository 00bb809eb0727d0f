package io.github.alphafuse.backbones.dreamrec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LazyChainTest {
  private final AtomicInteger computed = new AtomicInteger();
  private final List<String> closed = new ArrayList<>();

  private LazyChain<String> chain(Sampling.Form form) {
    return new LazyChain<>(form, 10, () -> "chain " + computed.incrementAndGet());
  }

  @Test
  void isWorthwhileFromTheBreakEvenOnAndOnceItIsThere() {
    LazyChain<String> chain = chain(Sampling.Form.AUTO);
    assertThat(chain.isWorthwhile(4)).isFalse();
    assertThat(chain.isWorthwhile(6)).isFalse();
    assertThat(chain.isWorthwhile(1)).isTrue();
    LazyChain<String> used = chain(Sampling.Form.AUTO);
    assertThat(used.get()).isEqualTo("chain 1");
    assertThat(used.isWorthwhile(1)).isTrue();
  }

  @Test
  void aFormThatIsGivenDecides() {
    assertThat(chain(Sampling.Form.COLLAPSED).isWorthwhile(1)).isTrue();
    assertThat(chain(Sampling.Form.STEPWISE).isWorthwhile(100)).isFalse();
    assertThat(chain(Sampling.Form.NAIVE).isWorthwhile(100)).isFalse();
  }

  @Test
  void isComputedOnceAndClosedOnlyIfItWas() {
    LazyChain<String> chain = chain(Sampling.Form.COLLAPSED);
    chain.close(closed::add);
    assertThat(closed).isEmpty();
    assertThat(chain.get()).isSameAs(chain.get());
    assertThat(computed).hasValue(1);
    chain.close(closed::add);
    assertThat(closed).containsExactly("chain 1");
  }
}
