package dev.henge.server.config;

/// One thing that a node can be told.
///
/// @param name as in the file; `--name` as a flag
/// @param kind how its text becomes a value
/// @param doc one sentence for help and documentation
/// @param secret whether its value is never shown
public record Setting<T>(String name, Kind<T> kind, T defaultValue, String doc, boolean secret) {
  /// The default as a user would write it.
  public String defaultText() {
    return kind.text(defaultValue);
  }

  /// What a user may write.
  public String allowed() {
    return kind.allowed();
  }
}
