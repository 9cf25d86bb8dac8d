package dev.henge.simulation.replica;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.group.StateMachine;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.workload.Service;
import java.io.IOException;
import java.nio.file.Path;

/// A state machine that clients of the simulation can use.
public interface ReplicatedState extends StateMachine {
  /// The command that does `operation`.
  byte[] command(Service.Request request, Operation operation);

  /// What a command's reply is to the client.
  Reply reply(Object applied);

  /// Evaluates an operation that only reads, on what is applied.
  Reply read(Operation operation, long nowMillis);

  /// Of all that must be the same on every replica that has applied the same; at rest only.
  long digest();

  /// Makes or opens the state of a group in a directory of its own.
  interface Factory {
    ReplicatedState open(long group, Disk disk, Path directory, Threads threads, Clock clock)
        throws IOException;
  }
}
