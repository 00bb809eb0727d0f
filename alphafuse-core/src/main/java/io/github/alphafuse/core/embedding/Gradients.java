package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.core.Tensor;
import java.util.Map;

/**
 * The gradient of a loss with respect to each of a set of named parameters, dense, in buffers that
 * are used again from step to step.
 *
 * <p>Not thread-safe.
 */
public final class Gradients {
  private final ImmutableMap<String, Tensor> byName;

  private Gradients(ImmutableMap<String, Tensor> byName) {
    this.byName = byName;
  }

  /**
   * Zero gradients for some parameters.
   *
   * @param parameters the parameters by name
   * @return gradients of the same names, shapes and types
   */
  public static Gradients of(Map<String, Tensor> parameters) {
    ImmutableMap.Builder<String, Tensor> zeros = ImmutableMap.builder();
    parameters.forEach(
        (name, value) -> zeros.put(name, Tensor.zeros(value.dataType(), value.shape())));
    return new Gradients(zeros.build());
  }

  /**
   * The names of the parameters.
   *
   * @return the names, in the order of the parameters
   */
  public ImmutableSet<String> names() {
    return byName.keySet();
  }

  /**
   * One gradient.
   *
   * @param name the parameter's name
   * @return the live buffer
   * @throws IllegalArgumentException if there is no such parameter
   */
  public Tensor get(String name) {
    Tensor gradient = byName.get(name);
    checkArgument(gradient != null, "there is no parameter '%s', only %s", name, byName.keySet());
    return gradient;
  }

  /**
   * Sets some gradients to zero.
   *
   * @param parameters the names of their parameters
   * @throws IllegalArgumentException if there is no such parameter
   */
  public void clear(Iterable<String> parameters) {
    for (String name : parameters) {
      get(name).fill(0);
    }
  }

  /** Sets every gradient to zero. */
  public void clear() {
    byName.values().forEach(gradient -> gradient.fill(0));
  }

  /**
   * Checks that every gradient is finite.
   *
   * @return the name of the first that holds a NaN or infinite number, or an empty string
   */
  public String firstNonFinite() {
    for (Map.Entry<String, Tensor> entry : byName.entrySet()) {
      if (entry.getValue().firstNonFinite() >= 0) {
        return entry.getKey();
      }
    }
    return "";
  }
}
