package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemOrderTest {

  private static void assertSorted(ItemOrder order, int... ids) {
    int[] sorted = ids.clone();
    Arrays.sort(sorted);
    int[] places = order.places();
    assertThat(places).hasSameSizeAs(ids);
    for (int i = 0; i < ids.length; i++) {
      assertThat(ids[places[i]]).isEqualTo(sorted[i]);
      if (i > 0 && sorted[i] == sorted[i - 1]) {
        assertThat(places[i]).as("places of one item ascend").isGreaterThan(places[i - 1]);
      }
    }
    assertThat(order.unique()).isEqualTo(Arrays.stream(sorted).distinct().toArray());
    assertThat(order.starts()).hasSize(order.unique().length + 1);
    assertThat(order.starts()[order.unique().length]).isEqualTo(ids.length);
    for (int u = 0; u < order.unique().length; u++) {
      assertThat(order.starts()[u]).isLessThan(order.starts()[u + 1]);
      for (int p = order.starts()[u]; p < order.starts()[u + 1]; p++) {
        assertThat(ids[places[p]]).isEqualTo(order.unique()[u]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 5",
    "2, 100",
    "300, 1",
    "300, 1000",
    "2048, 3000",
    "2049, 3000",
    "4194304, 3000",
    "4194305, 3000",
    "100000000, 3000",
    "2147483647, 3000"
  })
  void sortsPlacesAsASortOfTheItemsDoes(int itemCount, int places) {
    SplittableRandom random = new SplittableRandom(itemCount);
    ItemOrder order = new ItemOrder();
    for (int round = 0; round < 3; round++) {
      // A part of the catalogue in some rounds, so that items come up many times.
      int among = round == 1 ? Math.min(itemCount, 7) : itemCount;
      int[] ids = random.ints(places, itemCount - among, itemCount).toArray();
      ids[0] = itemCount - 1;
      ids[places - 1] = 0;
      int[] kept = ids.clone();
      order.sort(ids, itemCount);
      assertThat(ids).isEqualTo(kept);
      assertSorted(order, ids);
    }
  }

  @Test
  void takesAnotherNumberOfPlacesEachTime() {
    SplittableRandom random = new SplittableRandom(1);
    ItemOrder order = new ItemOrder();
    for (int places : new int[] {10, 1, 500, 499, 0, 10}) {
      int[] ids = random.ints(places, 0, 5_000_000).toArray();
      order.sort(ids, 5_000_000);
      assertSorted(order, ids);
    }
  }
}
