package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Interactions of result sets and streams. */
class InteractionSourcesTest {
  private static final InteractionReader READER = InteractionReader.builder().build();
  private static final InteractionReader SHOP =
      InteractionReader.builder()
          .userColumn("customer")
          .itemColumn("sku")
          .timeColumn("ordered_at")
          .build();

  private static List<String> items(SequenceDataset dataset, int user) {
    return Arrays.stream(dataset.sequences().get(user).items())
        .mapToObj(dataset.vocabulary()::id)
        .toList();
  }

  /** The later time first. */
  static Stream<Object[]> times() {
    return Stream.of(
        new Object[] {
          Timestamp.valueOf("2024-01-01 00:00:00.000000002"),
          Timestamp.valueOf("2024-01-01 00:00:00.000000001")
        },
        new Object[] {
          OffsetDateTime.parse("2024-01-01T00:00:00Z"),
          OffsetDateTime.parse("2024-01-01T01:00:00+02:00")
        },
        new Object[] {
          LocalDateTime.parse("2024-01-01T00:00:01"), LocalDateTime.parse("2024-01-01T00:00")
        },
        new Object[] {Date.valueOf("2024-01-02"), Date.valueOf("2024-01-01")},
        new Object[] {1_700_000_000_000_000_001L, 1_700_000_000_000_000_000L},
        new Object[] {
          new BigDecimal("1700000000.00000000002"), new BigDecimal("1700000000.00000000001")
        },
        new Object[] {new BigDecimal("1E+10"), new BigDecimal("9999999999")},
        new Object[] {1.5, 1.25f},
        new Object[] {new java.util.Date(2), new java.util.Date(1)},
        new Object[] {"2024-01-01 12:00:00+01:00", "2024-01-01T10:59:59Z"});
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesOfRowsAreComparedExactly(Object later, Object earlier) {
    Rows rows =
        Rows.of(
            "CUSTOMER,SKU,ORDERED_AT",
            new Object[] {1L, "b", later},
            new Object[] {1L, "a", earlier});
    SequenceDataset read = SHOP.read(rows.resultSet());
    assertThat(items(read, 0)).containsExactly("a", "b");
    assertThat(read.sequences().get(0).user()).isEqualTo("1");
    assertThat(read.remarks()).isEmpty();
  }

  @Test
  void timeStampsAreClocksUnlessTheirTypeHasAZone() {
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
      Timestamp noon = Timestamp.valueOf("2024-06-01 12:00:00");
      Object[] row = {"u", "i", noon};
      double clock =
          SHOP.read(Rows.of("customer,sku,ordered_at", row).resultSet()).sequences().get(0).time(0);
      double instant =
          SHOP.read(Rows.of("customer,sku,ordered_at", row).type("timestamptz").resultSet())
              .sequences()
              .get(0)
              .time(0);
      assertThat(clock).isEqualTo(Instant.parse("2024-06-01T12:00:00Z").getEpochSecond());
      assertThat(instant).isEqualTo(Instant.parse("2024-06-01T16:00:00Z").getEpochSecond());
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void idsMayBeOfAnyType() {
    UUID user = UUID.fromString("00000000-0000-0001-0000-000000000002");
    SequenceDataset read =
        READER.read(
            Rows.of(
                    "user_id,item_id,colour",
                    new Object[] {user, new BigDecimal("1E+3"), "red"},
                    new Object[] {user, 7, null})
                .resultSet());
    assertThat(read.sequences().get(0).user()).isEqualTo(user.toString());
    assertThat(items(read, 0)).containsExactly("1000", "7");
    assertThat(read.remarks())
        .containsExactly(
            "result set has no column of times: interactions are taken in the order of the rows");
  }

  @Test
  void badRowsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                READER.read(
                    Rows.of("user,item", new Object[] {"u", "i"}, new Object[] {"u", null})
                        .resultSet()))
        .withMessage("result set row 2: expected an item in column item, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                READER.read(
                    Rows.of("user,item", new Object[] {new byte[] {1, 2}, "i"}).resultSet()))
        .withMessage(
            "result set row 1: expected text, a number or a time in column user, found 2 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SHOP.read(Rows.of("customer,item").resultSet()))
        .withMessageStartingWith("result set: expected a column named sku");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(Rows.of("user,item").resultSet()))
        .withMessage("result set: expected at least one interaction, found no row");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                READER.read(
                    Rows.of(
                            "user,item,seen",
                            new Object[] {"u", "i", LocalDateTime.parse("2024-01-01T00:00")})
                        .resultSet()))
        .withMessageContaining("seen, which looks like times");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                InteractionReader.builder()
                    .columns("user", "item")
                    .build()
                    .read(Rows.of("user,item").resultSet()))
        .withMessage("columns(...) are for tables in files, found a result set");
  }

  @Test
  void badRowsAreSkippedAndCounted() {
    SequenceDataset read =
        InteractionReader.builder()
            .malformedLines(MalformedLines.SKIP)
            .unknownItems(UnknownItems.SKIP)
            .vocabulary(ItemVocabulary.of(List.of("i", "j")))
            .minRating(4)
            .build()
            .read(
                Rows.of(
                        "user,item,rating",
                        new Object[] {"u", "i", 5},
                        new Object[] {"u", "x", 5},
                        new Object[] {null, "i", 5},
                        new Object[] {"u", "j", 3.5})
                    .resultSet());
    assertThat(items(read, 0)).containsExactly("i");
    assertThat(read.dropped())
        .extracting(Dropped::reason)
        .containsExactly(DropReason.MALFORMED_LINE, DropReason.LOW_RATING);
    assertThat(read.coverage().unknownCount()).isEqualTo(1);
    assertThat(read.dropped().get(1).examples()).containsExactly("row 4");
  }

  @Test
  void errorsOfTheDatabaseAreTold() {
    Rows rows = Rows.of("user,item", new Object[] {"u", "i"}).failing(2);
    assertThatThrownBy(() -> READER.read(rows.resultSet()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot read the result set after row 1: connection lost")
        .hasRootCauseInstanceOf(SQLException.class);
  }

  @Test
  void streamsAreReadAsFiles() {
    Instant noon = Instant.parse("2024-01-01T12:00:00Z");
    SequenceDataset read =
        InteractionReader.builder()
            .minRating(4)
            .build()
            .read(
                Stream.of(
                    Interaction.of("u", "b").at(noon.plusNanos(1)).rated(5),
                    Interaction.of("u", "a").at(noon).rated(4),
                    Interaction.of("u", "c").at(noon).rated(1)));
    assertThat(items(read, 0)).containsExactly("a", "b");
    assertThat(READER.read(Stream.of(Interaction.of("u", "b"), Interaction.of("u", "a"))).remarks())
        .hasSize(1);
    assertThat(
            items(
                READER.read(
                    Stream.of(Interaction.of("u", "b").at(2), Interaction.of("u", "a").at(1))),
                0))
        .containsExactly("a", "b");
  }

  @Test
  void badInteractionsOfStreamsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> READER.read(Stream.of(Interaction.of("u", "a"), Interaction.of("u", "b").at(1))))
        .withMessage("stream row 2: expected no time, as in the rows before, found 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> READER.read(Stream.of(Interaction.of("u", "a").at(1), Interaction.of("u", "b"))))
        .withMessage("stream row 2: expected a time in field time, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(Stream.of(Interaction.of(" ", "a"))))
        .withMessage("stream row 1: expected a user in field user, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(Stream.of(Interaction.of("u", "a\nb"))))
        .withMessageStartingWith("stream row 1: expected an item without line breaks");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> READER.read(Stream.of()))
        .withMessage("stream: expected at least one interaction, found no row");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SHOP.read(Stream.of(Interaction.of("u", "a"))))
        .withMessage("names of columns are for files and result sets, found a stream");
  }
}
