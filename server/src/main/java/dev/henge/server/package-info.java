/// One node: `Node` is the composition root; the packages below it are its parts.
///
/// `store` evaluates operations on engines; `resp` and `http` translate protocols into operations;
/// `net` is the real `Network`; `config` and `metrics` are what their names say.
@NullMarked
package dev.henge.server;

import org.jspecify.annotations.NullMarked;
