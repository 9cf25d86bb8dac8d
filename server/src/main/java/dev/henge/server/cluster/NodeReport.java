package dev.henge.server.cluster;

import dev.henge.base.FormatException;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.metadata.FieldReader;
import dev.henge.consensus.metadata.FieldWriter;
import java.util.List;

/// What a node knows of itself and of its replicas.
///
/// @param epoch of the metadata that it follows
/// @param trouble why it cannot serve what it should; empty when it can
public record NodeReport(long member, long epoch, String trouble, List<GroupReport> groups) {
  private static final int FORMAT_VERSION = 1;

  /// A replica's view of its group.
  ///
  /// @param leader member number; 0 when unknown
  public record GroupReport(
      long group,
      Role role,
      long term,
      long leader,
      long commitIndex,
      long appliedIndex,
      long lastIndex) {}

  byte[] encode() {
    var out = new FieldWriter();
    out.number(FORMAT_VERSION);
    out.number(member);
    out.number(epoch);
    out.text(trouble);
    out.list(
        groups,
        group -> {
          out.number(group.group());
          out.word(group.role());
          out.number(group.term());
          out.number(group.leader());
          out.number(group.commitIndex());
          out.number(group.appliedIndex());
          out.number(group.lastIndex());
        });
    return out.bytes();
  }

  static NodeReport decode(byte[] bytes) throws FormatException {
    var in = new FieldReader("report of a node", bytes);
    int version = in.number();
    if (version != FORMAT_VERSION) {
      throw in.failure("format version " + version);
    }
    var report =
        new NodeReport(
            in.longNumber(),
            in.longNumber(),
            in.text(),
            in.list(() ->
                new GroupReport(
                    in.longNumber(),
                    in.word(Role.class),
                    in.longNumber(),
                    in.longNumber(),
                    in.longNumber(),
                    in.longNumber(),
                    in.longNumber())));
    in.end();
    return report;
  }
}
