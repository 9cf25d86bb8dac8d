package dev.henge.consensus.group;

import dev.henge.base.Randomness;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.LogView;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.RaftOptions;
import java.util.SortedMap;

/// Makes the core of a replica, as [Raft]'s constructor does; a simulation may plant a bug in it.
public interface RaftFactory {
  Raft raft(
      RaftOptions options,
      long self,
      HardState hardState,
      LogView log,
      SortedMap<Long, Configuration> configurations,
      boolean recovering,
      Randomness randomness);
}
