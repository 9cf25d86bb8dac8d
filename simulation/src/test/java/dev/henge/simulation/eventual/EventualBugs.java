package dev.henge.simulation.eventual;

import dev.henge.base.Clock;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.replica.Dots;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.store.EngineFactory;
import dev.henge.storage.Engine;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.NullMarked;

/// Mistakes that eventual databases have made, each as something else in the place of one part.
@NullMarked
final class EventualBugs {
  /// The service that keeps copies for others, as it is on the wire.
  private static final int HINT = 34;

  private EventualBugs() {}

  /// Of several siblings that two copies have together, one goes.
  static final class DropsASibling extends KeyspaceReplica {
    DropsASibling(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
    }

    @Override
    protected Versions merged(Versions here, Versions there) {
      Versions right = super.merged(here, there);
      int count = right.siblings().size();
      return count < 3 ? right : new Versions(right.seen(), right.siblings().subList(1, count));
    }
  }

  /// What another copy sends takes the place of what is here.
  static final class Overwrites extends KeyspaceReplica {
    Overwrites(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
    }

    @Override
    protected Versions merged(Versions here, Versions there) {
      return there;
    }
  }

  /// Vectors are cut to what the siblings need, when copies meet.
  static final class Prunes extends KeyspaceReplica {
    Prunes(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
    }

    @Override
    protected Versions merged(Versions here, Versions there) {
      Versions right = super.merged(here, there);
      VersionVector kept = VersionVector.EMPTY;
      for (Version sibling : right.siblings()) {
        long replica = sibling.dot().replica();
        kept = kept.with(new Dot(replica, right.seen().counter(replica)));
      }
      return new Versions(kept, right.siblings());
    }
  }

  /// A tombstone goes at once.
  static final class ForgetsTombstones extends KeyspaceReplica {
    ForgetsTombstones(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
    }

    @Override
    protected Versions deleted(Versions before, VersionVector context) {
      Versions right = super.deleted(before, context);
      return right.siblings().isEmpty() ? Versions.NONE : right;
    }
  }

  /// Whoever has read nothing takes the place of everything.
  static final class HidesSiblings extends KeyspaceReplica {
    HidesSiblings(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
    }

    @Override
    protected boolean standsBeside(Versions before) {
      return false;
    }
  }

  /// Times are those of the machine's clock.
  static final class WallClock extends KeyspaceReplica {
    private final Clock clock;

    WallClock(Engine engine, Options options, Dots dots, HybridClock hybrid, Clock clock) {
      super(engine, options, dots, hybrid, clock);
      this.clock = clock;
    }

    @Override
    protected long time(Versions before) {
      return clock.wallMillis() << 16;
    }
  }

  /// Writes are acknowledged before they are durable.
  static EngineFactory acknowledgesEarly(EngineFactory engines) {
    return (directory, role, filter) -> {
      Engine engine = engines.open(directory, role, filter);
      return (Engine)
          Proxy.newProxyInstance(
              EventualBugs.class.getClassLoader(),
              new Class<?>[] {Engine.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("whenAcknowledged")) {
                  ((Engine.AcknowledgeListener) arguments[1]).acknowledged();
                  return null;
                }
                try {
                  return method.invoke(engine, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  /// Changes what is sent.
  private abstract static class Sending implements PeerTransport {
    private final PeerTransport transport;

    Sending(PeerTransport transport) {
      this.transport = transport;
    }

    abstract List<PeerMessage> sent(PeerMessage message);

    @Override
    public void send(long member, PeerMessage message, long deadlineMillis) {
      sent(message).forEach(each -> transport.send(member, each, deadlineMillis));
    }

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> receiver) {
      transport.onReceive(receiver);
    }

    @Override
    public void onUnreachable(LongConsumer listener) {
      transport.onUnreachable(listener);
    }
  }

  /// Every request goes out twice.
  static PeerTransport callsTwice(PeerTransport transport) {
    return new Sending(transport) {
      @Override
      List<PeerMessage> sent(PeerMessage message) {
        return message instanceof PeerMessage.Call ? List.of(message, message) : List.of(message);
      }
    };
  }

  /// A refusal is an answer like any other.
  static PeerTransport refusesNothing(PeerTransport transport) {
    return new Sending(transport) {
      @Override
      List<PeerMessage> sent(PeerMessage message) {
        return List.of(
            message instanceof PeerMessage.Answer(long number, int status, byte[] body)
                    && status != 0
                ? new PeerMessage.Answer(number, 0, new byte[0])
                : message);
      }
    };
  }

  /// Who is asked to keep a copy for somebody else says so, and does not.
  static PeerTransport losesHints(PeerTransport transport) {
    return new Sending(transport) {
      @Override
      List<PeerMessage> sent(PeerMessage message) {
        return List.of(message);
      }

      @Override
      public void onReceive(BiConsumer<Long, PeerMessage> receiver) {
        super.onReceive((from, message) -> {
          if (message instanceof PeerMessage.Call(long number, int service, byte[] body)
              && service == HINT) {
            send(from, new PeerMessage.Answer(number, 0, new byte[0]), 1_000);
          } else {
            receiver.accept(from, message);
          }
        });
      }
    };
  }
}
