package dev.henge.replication.quorum;

/// For copies that nobody waits for: if one is not stored now, anti-entropy will bring it.
enum Unheard implements RemoteReplicas.Stored {
  INSTANCE;

  @Override
  public void stored() {}

  @Override
  public void refused() {}

  @Override
  public void lost() {}
}
