// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Calls back once a stream has made no progress for a while: no byte came, and the peer's kernel took none of ours.
///
/// `@unchecked Sendable` holds because it is made, fired and cancelled on the channel's event loop only.
final class StallWatch: @unchecked Sendable {
    private let stream: ChannelStream
    private let patience: TimeAmount
    private let onStall: () -> Void
    private var acknowledged: Int
    private var lastRead: NIODeadline
    private var lastProgress = NIODeadline.now()
    private var next: Scheduled<Void>?

    /// How many looks a patience is made of.
    private static let looks: Int64 = 10

    init(_ stream: ChannelStream, patience: Duration, onStall: @escaping () -> Void) {
        self.stream = stream
        self.patience = TimeAmount(patience)
        self.onStall = onStall
        self.acknowledged = stream.acknowledgedBytes
        self.lastRead = stream.lastRead
        self.schedule()
    }

    func cancel() {
        self.next?.cancel()
        self.next = nil
    }

    private func schedule() {
        let interval = TimeAmount.nanoseconds(self.patience.nanoseconds / Self.looks)
        self.next = self.stream.channel.eventLoop.scheduleTask(in: interval) { self.look() }
    }

    private func look() {
        guard self.next != nil, self.stream.channel.isActive else { return }
        let acknowledged = self.stream.acknowledgedBytes
        if acknowledged > self.acknowledged || self.stream.lastRead > self.lastRead { self.lastProgress = .now() }
        self.acknowledged = acknowledged
        self.lastRead = self.stream.lastRead
        if self.lastProgress + self.patience > .now() { self.schedule() } else { self.onStall() }
    }
}
