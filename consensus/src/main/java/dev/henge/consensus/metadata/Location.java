package dev.henge.consensus.metadata;

/// What a node shares the fate of others by.
///
/// @param rack within its data centre: racks of one name in two data centres are two racks
public record Location(String dataCentre, String rack) {}
