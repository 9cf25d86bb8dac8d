/// Three nodes of Apache Cassandra as processes on a JDK 17, and a closed loop of its own driver.
///
/// Its version, its configuration and the flags of its JVMs are the resources of this package:
/// `pom.xml`, `cassandra.yaml`, `jvm.options`. Read first: [CassandraPeer].
@NullMarked
package dev.henge.benchmark.cassandra;

import org.jspecify.annotations.NullMarked;
