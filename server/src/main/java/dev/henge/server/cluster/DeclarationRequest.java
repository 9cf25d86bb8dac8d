package dev.henge.server.cluster;

import dev.henge.base.FormatException;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.FieldReader;
import dev.henge.consensus.metadata.FieldWriter;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.Planner;
import dev.henge.server.store.DeclarationFormat;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// A keyspace that a node asks the metadata's leader to make: the body of [Services#DECLARE].
///
/// @param most named keyspaces that the asking node knows how to serve
record DeclarationRequest(String name, KeyspaceDeclaration declaration, int most) {
  byte[] encode() {
    var node = new DeclarationFormat().write(new DeclaredKeyspace(name, 0, declaration));
    node.remove(List.of("id", "name"));
    var out = new FieldWriter();
    out.text(name);
    out.text(node.toString());
    out.number(most);
    return out.bytes();
  }

  static DeclarationRequest decode(byte[] bytes) throws FormatException {
    var in = new FieldReader("declaration", bytes);
    String name = in.text();
    String declaration = in.text();
    int most = in.number();
    in.end();
    try {
      return new DeclarationRequest(name, new DeclarationFormat().parse(declaration), most);
    } catch (DeclarationFormat.DeclarationException e) {
      throw new FormatException(String.valueOf(e.getMessage()));
    }
  }

  /// The command that makes it; at the metadata's leader.
  ///
  /// @throws IOException why there can be none now
  MetadataCommand command(Metadata metadata, Set<Long> live) throws IOException {
    return Planner.declare(metadata, live, name, declaration, most)
        .orElseThrow(() -> new IOException("too few members are alive to hold another keyspace"));
  }
}
