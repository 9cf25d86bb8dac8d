package dev.henge.server.resp;

/// Bytes that are no request. The connection is told and closed: what follows cannot be understood.
final class ProtocolException extends Exception {
  ProtocolException(String message) {
    super(message, null, false, false);
  }
}
