/// Eventual mode: keys are written without a leader, at any replica that lives, and copies agree
/// afterwards. All of it is protocol behind the five seams and interfaces of its own; it knows of
/// no socket, and of no metadata group.
///
/// Read first: [dev.henge.replication.causality], then [dev.henge.replication.replica].
@NullMarked
package dev.henge.replication;

import org.jspecify.annotations.NullMarked;
