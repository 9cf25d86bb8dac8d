/// Servers as processes of their own: [ServerProcess] is one, [LocalCluster] several that form a
/// cluster on this machine.
@NullMarked
package dev.henge.cli.process;

import org.jspecify.annotations.NullMarked;
