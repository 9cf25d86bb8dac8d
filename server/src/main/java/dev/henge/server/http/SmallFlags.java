package dev.henge.server.http;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.util.TransportType;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

/// Armeria's process-wide choices, made small: it is one of two frontends and owns no data.
///
/// Found by `ServiceLoader`; a system property still wins.
public final class SmallFlags implements FlagsProvider {
  @Override
  public int priority() {
    return 10;
  }

  @Override
  public Integer numCommonWorkers(TransportType transportType) {
    return 1;
  }

  @Override
  public Integer numCommonBlockingTaskThreads() {
    return 1;
  }

  /// There is no TLS yet; looking for OpenSSL takes time.
  @Override
  public Boolean useOpenSsl() {
    return false;
  }

  /// The node keeps its own, few metrics.
  @Override
  public MeterRegistry meterRegistry() {
    return new CompositeMeterRegistry();
  }

  @Override
  public Boolean reportBlockedEventLoop() {
    return false;
  }

  @Override
  public Boolean warnNettyVersions() {
    return false;
  }
}
