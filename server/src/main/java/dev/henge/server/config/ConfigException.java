package dev.henge.server.config;

/// A setting that cannot be: the message says where it stands, what is wrong, and what is allowed.
public final class ConfigException extends Exception {
  public ConfigException(String message) {
    super(message);
  }
}
