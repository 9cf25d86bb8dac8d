package dev.henge.server.peer;

import dev.henge.consensus.group.PeerMessage;
import org.jspecify.annotations.Nullable;

/// One message with what every message carries.
///
/// @param cluster short hash of the cluster's id ([PeerIdentity#clusterHash]); 0 from and to guests
/// @param from member number of the sender; 0 for a guest
/// @param to member number of the receiver; 0 for a guest
/// @param incarnation of the sender: rises with every start
/// @param epoch newest metadata epoch that the sender knows
/// @param deadlineMillis for how long the message is of use, from when it was sent
/// @param message null for a sign of life
public record Envelope(
    int cluster,
    long from,
    long to,
    long incarnation,
    long epoch,
    int deadlineMillis,
    @Nullable PeerMessage message) {}
