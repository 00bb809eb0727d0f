package io.github.alphafuse.core.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.core.language.ItemCatalogue.Item;
import java.util.List;
import org.junit.jupiter.api.Test;

class ItemCatalogueTest {
  private static final Item KETTLE = new Item("k", "Kettle", "Kettle. 1.7 litres");
  private static final Item MUG = new Item("m", "Mug", "");

  @Test
  void itemsKeepTheirOrder() {
    ItemCatalogue catalogue = ItemCatalogue.of(List.of(MUG, KETTLE));

    assertThat(catalogue.size()).isEqualTo(2);
    assertThat(catalogue.ids()).containsExactly("m", "k");
    assertThat(catalogue.titles()).containsExactly("Mug", "Kettle");
    assertThat(catalogue.texts()).containsExactly("", "Kettle. 1.7 litres");
    assertThat(catalogue).hasToString("ItemCatalogue[2 items]");
  }

  @Test
  void badIdsAreRefused() {
    assertThatThrownBy(() -> ItemCatalogue.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("items must have at least one item, found none");
    assertThatThrownBy(() -> ItemCatalogue.of(List.of(MUG, MUG)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ids must be distinct, found 'm' in rows 0 and 1");
    assertThatThrownBy(() -> ItemCatalogue.of(List.of(new Item(" ", "", ""))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ids must not be blank, found ' ' in row 0");
  }
}
