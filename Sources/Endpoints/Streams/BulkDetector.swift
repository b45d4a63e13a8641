// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Tells when a stream gains by huge read buffers: it fills large ones, and what is read goes on at once.
///
/// A slow sink, or a bound on the rate, would hold what was read, and a Pong behind it.
struct BulkDetector {
    private enum State {
        /// So many reads in a row filled a large buffer, and none had to wait for its sink.
        case ordinary(fullReads: Int)
        /// So many reads in a row would have fitted a large buffer.
        case bulk(slackReads: Int)
    }

    private var state = State.ordinary(fullReads: 0)

    /// So many reads in a row change what the stream is taken for.
    static let patience = 4

    /// The next read is worth a huge buffer.
    var isBulk: Bool {
        switch self.state {
        case .ordinary: false
        case .bulk: true
        }
    }

    /// A read has taken so many bytes.
    mutating func hasRead(_ count: Int) {
        let isFull = count >= ReadBuffers.largeFill
        switch self.state {
        case .ordinary(let fullReads) where isFull && fullReads + 1 == Self.patience:
            self.state = .bulk(slackReads: 0)
        case .ordinary(let fullReads):
            self.state = .ordinary(fullReads: isFull ? fullReads + 1 : 0)
        case .bulk(let slackReads) where !isFull && slackReads + 1 == Self.patience:
            self.state = .ordinary(fullReads: 0)
        case .bulk(let slackReads):
            self.state = .bulk(slackReads: isFull ? 0 : slackReads + 1)
        }
    }

    /// What was read has been held.
    mutating func hasWaited() {
        self.state = .ordinary(fullReads: 0)
    }
}
