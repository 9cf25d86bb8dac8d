/// Who is alive: heartbeats by gossip. It says nothing about who is a member or owns what; that
/// comes from the epochs of the metadata.
@NullMarked
package dev.henge.replication.membership;

import org.jspecify.annotations.NullMarked;
