package dev.henge.consensus.raft;

import dev.henge.base.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Who takes part in a group, by member number.
///
/// While `outgoing` is not empty the configuration is joint (dissertation 4.3): a decision needs a
/// majority of `voters` and one of `outgoing`.
///
/// @param voters who vote (the incoming set of a joint configuration)
/// @param outgoing who voted before; empty unless joint
/// @param learners who receive the log and have no voice; disjoint from `voters`. Those of them who
///   are in `outgoing` still vote, and lose their voice when the joint configuration is left
public record Configuration(
    SortedSet<Long> voters, SortedSet<Long> outgoing, SortedSet<Long> learners) {

  private static final byte VERSION = 1;

  /// Of a replica that knows of no group yet.
  public static final Configuration NONE =
      new Configuration(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());

  /// Copies the sets.
  public Configuration {
    voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    outgoing = Collections.unmodifiableSortedSet(new TreeSet<>(outgoing));
    learners = Collections.unmodifiableSortedSet(new TreeSet<>(learners));
  }

  /// A simple configuration without learners.
  public static Configuration ofVoters(Iterable<Long> voters) {
    var set = new TreeSet<Long>();
    voters.forEach(set::add);
    return new Configuration(set, new TreeSet<>(), new TreeSet<>());
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  public boolean isVoter(long member) {
    return voters.contains(member) || outgoing.contains(member);
  }

  /// Whether `member` receives the log.
  public boolean contains(long member) {
    return isVoter(member) || learners.contains(member);
  }

  /// Everybody who receives the log.
  public SortedSet<Long> members() {
    var all = new TreeSet<>(voters);
    all.addAll(outgoing);
    all.addAll(learners);
    return all;
  }

  /// The bytes of an [Entry.Kind#CONFIGURATION] entry and of marks; persisted: a version byte (1),
  /// then for voters, outgoing and learners a count (int) and that many member numbers (long),
  /// little endian.
  public byte[] encode() {
    int members = voters.size() + outgoing.size() + learners.size();
    ByteBuffer bytes =
        ByteBuffer.allocate(1 + 3 * Integer.BYTES + members * Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(VERSION);
    encode(voters, bytes);
    encode(outgoing, bytes);
    encode(learners, bytes);
    return bytes.array();
  }

  /// @throws FormatException when these are not the bytes of a configuration
  public static Configuration decode(byte[] encoded) throws FormatException {
    ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    if (!bytes.hasRemaining() || bytes.get() != VERSION) {
      throw new FormatException("configuration: version unknown");
    }
    var configuration = new Configuration(members(bytes), members(bytes), members(bytes));
    if (bytes.hasRemaining()) {
      throw new FormatException("configuration: too long");
    }
    return configuration;
  }

  private static void encode(SortedSet<Long> members, ByteBuffer bytes) {
    bytes.putInt(members.size());
    members.forEach(bytes::putLong);
  }

  private static SortedSet<Long> members(ByteBuffer bytes) throws FormatException {
    int count = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
    if (count < 0 || (long) count * Long.BYTES > bytes.remaining()) {
      throw new FormatException("configuration: too short");
    }
    var members = new TreeSet<Long>();
    for (int i = 0; i < count; i++) {
      members.add(bytes.getLong());
    }
    return members;
  }

  /// `1,2,3`, in a joint configuration `1,2,4 from 1,2,3`, with learners `1,2 learners 3`.
  @Override
  public String toString() {
    return list(voters)
        + (isJoint() ? " from " + list(outgoing) : "")
        + (learners.isEmpty() ? "" : " learners " + list(learners));
  }

  private static String list(SortedSet<Long> members) {
    return members.isEmpty()
        ? "none"
        : members.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
