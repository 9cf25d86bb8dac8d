package dev.henge.benchmark.engine;

import java.io.IOException;

/// Which engine a child process runs.
enum EngineKind {
  HENGE {
    @Override
    Store open(Store.Settings settings) throws IOException {
      return HengeStore.open(settings);
    }
  },
  ROCKSDB {
    @Override
    Store open(Store.Settings settings) throws IOException {
      return RocksStore.open(settings);
    }
  },
  LMDB {
    @Override
    Store open(Store.Settings settings) throws IOException {
      return LmdbStore.open(settings);
    }
  },
  /// Does nothing: what the harness itself costs.
  NOTHING {
    @Override
    Store open(Store.Settings settings) throws IOException {
      return new NoStore();
    }
  };

  abstract Store open(Store.Settings settings) throws IOException;
}
