package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Map;

/** Copying and writing of tensors by name: parameters and their best values. */
final class NamedTensors {
  private NamedTensors() {}

  static ImmutableMap<String, Tensor> zerosLike(Map<String, Tensor> tensors) {
    ImmutableMap.Builder<String, Tensor> zeros = ImmutableMap.builder();
    tensors.forEach(
        (name, value) -> zeros.put(name, Tensor.zeros(value.elementType(), value.shape())));
    return zeros.buildOrThrow();
  }

  static void copy(Map<String, Tensor> from, Map<String, Tensor> to) {
    from.forEach((name, value) -> of(to, name).copyFrom(value));
  }

  static void write(Map<String, Tensor> tensors, ArchiveWriter archive) {
    tensors.forEach(archive::array);
  }

  /** Checks that tensors can be read over others, and keeps none of what it reads. */
  static void requireReadable(ArchiveReader archive, Map<String, Tensor> like) {
    like.forEach(archive::array);
  }

  private static Tensor of(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    checkArgument(tensor != null, "there is no '%s', only %s", name, tensors.keySet());
    return tensor;
  }
}
