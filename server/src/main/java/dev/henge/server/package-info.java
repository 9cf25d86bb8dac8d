/// One node: `Node` puts together what it stores, `Server` gives it ports; the packages below are
/// their parts.
///
/// `store` evaluates operations on engines; `resp` and `http` translate protocols into operations;
/// `net` is the real `Network`; `config` and `metrics` are what their names say.
@NullMarked
package dev.henge.server;

import org.jspecify.annotations.NullMarked;
