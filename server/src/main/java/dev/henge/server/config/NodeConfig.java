package dev.henge.server.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A valid choice of values for all [Settings]. Immutable.
public final class NodeConfig {
  private final Map<Setting<?>, Object> values;

  private NodeConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  public static Builder builder() {
    return new Builder();
  }

  @SuppressWarnings("unchecked") // the builder stores under a setting only what its kind made
  public <T> T value(Setting<T> setting) {
    return (T) values.getOrDefault(setting, setting.defaultValue());
  }

  /// The value as a user would write it; stars for a secret that is set.
  public <T> String text(Setting<T> setting) {
    String text = setting.kind().text(value(setting));
    return setting.secret() && !text.isEmpty() ? "***" : text;
  }

  /// The values that are not defaults, without secrets.
  @Override
  public String toString() {
    var text = new StringBuilder("config");
    for (Setting<?> setting : Settings.ALL) {
      if (values.containsKey(setting)) {
        text.append(' ').append(setting.name()).append('=').append(text(setting));
      }
    }
    return text.toString();
  }

  /// Collects values, later ones over earlier ones, and checks them.
  public static final class Builder {
    private final Map<Setting<?>, Object> values = new LinkedHashMap<>();

    private Builder() {}

    public <T> Builder set(Setting<T> setting, T value) {
      values.put(setting, Objects.requireNonNull(value));
      return this;
    }

    /// Sets a value from text.
    ///
    /// @param origin where it stands, for messages: `--port`, `henge.yaml:3`
    public Builder set(String name, String text, String origin) throws ConfigException {
      Optional<Setting<?>> setting = Settings.find(name);
      if (setting.isEmpty()) {
        throw new ConfigException(
            origin
                + ": unknown setting '"
                + name
                + "', did you mean '"
                + Settings.nearest(name).name()
                + "'?");
      }
      Object value = setting.get().kind().parse(text).orElse(null);
      if (value == null) {
        throw refused(setting.get(), text, origin);
      }
      values.put(setting.get(), value);
      return this;
    }

    /// Sets every value that `text`, the content of the YAML file `file`, has.
    public Builder yaml(String file, String text) throws ConfigException {
      for (YamlSettings.Entry entry : YamlSettings.read(file, text)) {
        set(entry.name(), entry.value(), file + ":" + entry.line());
      }
      return this;
    }

    /// @throws ConfigException when values do not go together
    public NodeConfig build() throws ConfigException {
      var config = new NodeConfig(Map.copyOf(values));
      String host = config.value(Settings.HOST);
      if (!isLoopback(host) && !config.value(Settings.INSECURE)) {
        throw new ConfigException(
            "host "
                + host
                + " can be reached by others, and this version does not encrypt: use a loopback"
                + " address, or set insecure: true (and a password) where the network is trusted");
      }
      return config;
    }

    private static boolean isLoopback(String host) throws ConfigException {
      try {
        return InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        throw new ConfigException("host '" + host + "' is not known on this machine");
      }
    }

    private static ConfigException refused(Setting<?> setting, String text, String origin) {
      @Nullable String shown = setting.secret() ? null : text;
      return new ConfigException(
          origin
              + ": "
              + setting.name()
              + (shown == null ? " has a value that" : " is '" + shown + "', which")
              + " cannot be; allowed: "
              + setting.allowed());
    }
  }
}
