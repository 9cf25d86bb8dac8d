package dev.henge.base;

/// What a node needs of the world: real, or simulated.
public record Seams(
    Clock clock, Disk disk, Network network, Randomness randomness, Threads threads) {}
