// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What each source has: links, and when it last asked for one. Its size is bounded: those that have nothing are
/// forgotten, and when all have something, those that are new share one entry.
struct SourceTable: Sendable {
    private struct Entry {
        var links = 0
        var bucket: TokenBucket
    }

    private var entries: [SourceKey: Entry] = [:]
    /// Of all sources that there was no room for.
    private var rest: Entry
    private var lastSweep: ContinuousClock.Instant
    private let capacity: Int

    /// How long to wait before looking through a full table again.
    private static let sweepInterval = Duration.seconds(1)

    init(capacity: Int = 65_536, at now: ContinuousClock.Instant) {
        self.capacity = capacity
        self.rest = Entry(bucket: TokenBucket(at: now))
        self.lastSweep = now - Self.sweepInterval
    }

    /// How many sources have an entry of their own.
    var count: Int { self.entries.count }

    enum OnEnter: Equatable {
        /// Call `leave` with this at the end.
        case entered(Place)
        case tooMany
        case tooFast(wait: Duration)
    }

    /// Which entry has been counted up.
    enum Place: Hashable, Sendable {
        case own(SourceKey)
        case rest
    }

    /// One more link of this source, handshake included.
    ///
    /// - Parameters:
    ///   - maxLinks: Zero: any number.
    ///   - rate: Requests in a second; zero: any number.
    mutating func enter(
        _ source: SourceKey,
        maxLinks: Int,
        rate: Int,
        at now: ContinuousClock.Instant
    ) -> OnEnter {
        let place = self.place(for: source, at: now)
        var entry = self.entry(at: place, now)
        defer { self.set(entry, at: place) }
        if rate > 0, case .empty(let wait) = entry.bucket.take(rate: rate, at: now) { return .tooFast(wait: wait) }
        guard maxLinks == 0 || entry.links < maxLinks else { return .tooMany }
        entry.links += 1
        return .entered(place)
    }

    mutating func leave(_ place: Place) {
        switch place {
        case .own(let source): self.entries[source]?.links -= 1
        case .rest: self.rest.links -= 1
        }
    }

    private mutating func place(for source: SourceKey, at now: ContinuousClock.Instant) -> Place {
        if self.entries[source] != nil || self.entries.count < self.capacity { return .own(source) }
        if now - self.lastSweep >= Self.sweepInterval {
            self.lastSweep = now
            self.entries = self.entries.filter { $0.value.links > 0 || !$0.value.bucket.isFull(at: now) }
        }
        return self.entries.count < self.capacity ? .own(source) : .rest
    }

    private func entry(at place: Place, _ now: ContinuousClock.Instant) -> Entry {
        switch place {
        case .own(let source): self.entries[source] ?? Entry(bucket: TokenBucket(at: now))
        case .rest: self.rest
        }
    }

    private mutating func set(_ entry: Entry, at place: Place) {
        switch place {
        case .own(let source): self.entries[source] = entry
        case .rest: self.rest = entry
        }
    }
}
