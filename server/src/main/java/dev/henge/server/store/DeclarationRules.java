package dev.henge.server.store;

import dev.henge.consensus.metadata.KeyspaceDeclaration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which declarations can be at all, whatever there is already.
public final class DeclarationRules {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private DeclarationRules() {}

  /// Why there can be no such keyspace; empty where there can.
  public static Optional<DeclareOutcome> refusal(String name, KeyspaceDeclaration declaration) {
    if (!NAME.matcher(name).matches()) {
      return Optional.of(
          new DeclareOutcome.BadName(
              "a keyspace's name is 1 to 63 of a-z, 0-9, '.', '_', '-' and begins with one of a-z"
                  + " or 0-9"));
    }
    if (name.equals("keyspaces") || name.equals("default") || name.matches("[0-9]+")) {
      return Optional.of(
          new DeclareOutcome.BadName(
              "'" + name + "' is reserved: 'keyspaces', 'default' and numbers have a meaning"));
    }
    if (!declaration.mode().served()) {
      return Optional.of(notYet("mode", declaration.mode(), "strong and eventual"));
    }
    if (!declaration.engine().served()) {
      return Optional.of(notYet("engine", declaration.engine(), "lsm"));
    }
    return declaration.isEventual()
        ? declaration.replication().refusal().map(DeclareOutcome.Impossible::new)
        : Optional.empty();
  }

  private static DeclareOutcome notYet(String field, Enum<?> value, String served) {
    return new DeclareOutcome.NotYet(
        field
            + " "
            + value.name().toLowerCase(Locale.ROOT)
            + " is not served yet: this version serves "
            + served);
  }
}
