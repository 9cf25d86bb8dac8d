/// A node's settings: declared once as data, read from YAML and flags, checked before anything
/// starts.
///
/// [Settings] declares every [Setting] with its [Kind], default and text; help, documentation and
/// `CONFIG GET` derive from that list. [NodeConfig] holds one valid choice of values. Mistakes are
/// [ConfigException]s that say where, what and what is allowed.
///
/// Read first: [Settings].
@NullMarked
package dev.henge.server.config;

import org.jspecify.annotations.NullMarked;
