package dev.henge.simulation.node;

import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.strong.Room;
import dev.henge.server.Node;
import dev.henge.server.cluster.ClusterOptions;
import dev.henge.server.config.NodeConfig;
import dev.henge.storage.lsm.LsmOptions;

/// How nodes are made: with bounds so small that every run meets them.
///
/// @param memtableBytes of one engine
/// @param memtablesBytes of all engines of a node
record NodeMaking(
    GroupOptions groups,
    LogOptions log,
    RaftFactory cores,
    LsmOptions engines,
    long cacheBytes,
    long memtableBytes,
    long memtablesBytes) {
  Node.Options options(NodeConfig config) {
    ClusterOptions usual = Node.options(config).cluster();
    return new Node.Options(
        new ClusterOptions(
            usual.join(),
            usual.host(),
            usual.respPort(),
            usual.location(),
            usual.capacity(),
            usual.threadCount(),
            groups,
            log,
            cores,
            Room.INLINE),
        engines);
  }
}
