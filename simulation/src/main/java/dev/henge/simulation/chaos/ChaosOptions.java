package dev.henge.simulation.chaos;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What a run is made of.
///
/// @param nodes processes
/// @param rounds each with clients and faults, a time of healing, and a verdict
/// @param seconds of faults in a round
/// @param grow whether it begins with one node, which the others join under load
/// @param transfers how often leadership is handed over with nothing else happening, after the
///   rounds
/// @param pausedLeaders how often the experiment with a paused leader is made, after the rounds
/// @param clients that work at the same time
/// @param thinkMicrosMax the longest pause of a client between two operations
/// @param healSeconds what the nodes may take to serve again, and for each check afterwards
/// @param faults to draw from
/// @param server the words that start a `henge server`, without flags
/// @param serverFlags flags of every server
public record ChaosOptions(
    int nodes,
    int rounds,
    int seconds,
    long seed,
    boolean grow,
    int transfers,
    int pausedLeaders,
    int clients,
    long thinkMicrosMax,
    int healSeconds,
    Set<FaultKind> faults,
    List<String> server,
    List<String> serverFlags) {

  public ChaosOptions {
    faults = Set.copyOf(faults);
    server = List.copyOf(server);
    serverFlags = List.copyOf(serverFlags);
  }

  /// The command that does the same again.
  public String command() {
    return "henge chaos --nodes %d --rounds %d --seconds %d --seed %d --transfers %d --paused-leaders %d"
            .formatted(nodes, rounds, seconds, seed, transfers, pausedLeaders)
        + " --clients %d --think-micros %d --heal-seconds %d --faults %s"
            .formatted(clients, thinkMicrosMax, healSeconds, faultWords())
        + (grow ? " --grow" : "");
  }

  private String faultWords() {
    return faults.isEmpty()
        ? "none"
        : faults.stream().sorted().map(FaultKind::word).collect(Collectors.joining(","));
  }
}
