package dev.henge.server.cluster;

import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.metadata.Location;
import dev.henge.consensus.strong.Room;

/// How a node takes part in a cluster.
///
/// @param join `HOST:PORT` of any member's Redis port, for a node that is none yet; empty to found
///   a cluster
/// @param host by which others reach this node
/// @param respPort 0 where any free one is taken: the real one is announced later
/// @param threadCount of the groups' strands
/// @param room how writes of state machines wait for the engine
public record ClusterOptions(
    String join,
    String host,
    int respPort,
    Location location,
    int capacity,
    int threadCount,
    GroupOptions groups,
    LogOptions log,
    RaftFactory cores,
    Room room) {}
