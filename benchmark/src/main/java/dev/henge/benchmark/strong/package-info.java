/// Three Henge nodes beside three etcd members, under the same closed loops of requests.
@NullMarked
package dev.henge.benchmark.strong;

import org.jspecify.annotations.NullMarked;
