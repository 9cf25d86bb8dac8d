/// `henge demo`: real data, a crash in the middle, and a proof that nothing acknowledged is lost.
///
/// [Demo] is the story. It reads [WordNet] from the class path, runs a server as a process of its
/// own, writes to it ([Wave]) through a Redis client ([PipelinedClient]), notes what the server
/// acknowledges in a file outside it ([Ledger]), and lets [Verdict] judge what a restarted server
/// holds.
///
/// On several nodes the story is [ClusterDemo]'s, and its second part [EventualStory]'s.
///
/// The story runs on one thread. Acknowledgements arrive on the client's I/O thread, which only
/// notes them in the ledger and gives its permit back.
///
/// Read first: [Demo].
@NullMarked
package dev.henge.cli.demo;

import org.jspecify.annotations.NullMarked;
