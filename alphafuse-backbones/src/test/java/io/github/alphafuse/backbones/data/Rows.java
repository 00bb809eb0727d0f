package io.github.alphafuse.backbones.data;

import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;

/** The result set of a query, made of objects. */
final class Rows {
  private final List<String> labels;
  private final Object[][] values;
  private String timeType = "TIMESTAMP";
  private int failingRow = -1;
  private int row = -1;

  private Rows(List<String> labels, Object[][] values) {
    this.labels = labels;
    this.values = values;
  }

  static Rows of(String labels, Object[]... values) {
    return new Rows(List.of(labels.split(",", -1)), values);
  }

  /** With another name of the type of all columns. */
  Rows type(String name) {
    timeType = name;
    return this;
  }

  /** With an error of the database instead of a row, counted from 1. */
  Rows failing(int atRow) {
    failingRow = atRow - 1;
    return this;
  }

  ResultSet resultSet() {
    return proxy(
        ResultSet.class,
        (name, argument) ->
            switch (name) {
              case "getMetaData" -> metaData();
              case "next" -> {
                if (++row == failingRow) {
                  throw new SQLException("connection lost");
                }
                yield row < values.length;
              }
              case "getObject" -> values[row][argument - 1];
              default -> throw new UnsupportedOperationException(name);
            });
  }

  private ResultSetMetaData metaData() {
    return proxy(
        ResultSetMetaData.class,
        (name, argument) ->
            switch (name) {
              case "getColumnCount" -> labels.size();
              case "getColumnLabel" -> labels.get(argument - 1);
              case "getColumnTypeName" -> timeType;
              case "getColumnType" -> Types.TIMESTAMP;
              default -> throw new UnsupportedOperationException(name);
            });
  }

  @FunctionalInterface
  private interface Answer {
    Object of(String name, int argument) throws Exception;
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                answer.of(method.getName(), arguments == null ? 0 : (Integer) arguments[0])));
  }
}
