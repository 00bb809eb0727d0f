package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableSet;
import java.util.function.Function;

/**
 * What is behind a path.
 *
 * @param methods the methods that it answers, besides HEAD and OPTIONS
 * @param parameters the names of its parameters, as in a query
 * @param isLimited whether it counts to the requests that may run at once
 * @param answer answers a request by its parameters
 */
record Endpoint(
    ImmutableSet<String> methods,
    ImmutableSet<String> parameters,
    boolean isLimited,
    Function<Parameters, Reply> answer) {

  static final ImmutableSet<String> GET = ImmutableSet.of("GET");
  static final ImmutableSet<String> GET_OR_POST = ImmutableSet.of("GET", "POST");

  /** An endpoint that asks the model. */
  static Endpoint limited(
      ImmutableSet<String> methods,
      ImmutableSet<String> parameters,
      Function<Parameters, Reply> answer) {
    return new Endpoint(methods, parameters, true, answer);
  }

  /** An endpoint that answers even if the server has more to do than it can. */
  static Endpoint unlimited(Function<Parameters, Reply> answer) {
    return new Endpoint(GET, ImmutableSet.of(), false, answer);
  }

  /** The value of the header Allow. */
  String allowed() {
    return String.join(", ", methods) + ", HEAD, OPTIONS";
  }
}
