package dev.henge.simulation.chaos;

import java.util.List;

/// What a server answers over RESP.
sealed interface Answer {
  /// `+OK` and the like.
  record Status(String text) implements Answer {}

  record Text(String text) implements Answer {}

  record Nothing() implements Answer {}

  record Number(long value) implements Answer {}

  record Many(List<Answer> items) implements Answer {}

  /// @param code the first word
  record Failure(String code, String message) implements Answer {}
}
