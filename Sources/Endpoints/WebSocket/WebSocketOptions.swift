// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// How a WebSocket endpoint behaves once it is open.
struct WebSocketOptions: Sendable {
    /// `strait-half-close` was agreed.
    var halfClose = false
    /// How messages are compressed, if they are.
    var compression: DeflateAgreement?
    /// The other end of the link tells messages apart, so they are kept.
    var keepsMessages = false
    /// Messages of the standard streams: the end of input ends both directions at once.
    var endsWithInput = false
    /// The first message that comes is the last one that is wanted.
    var takesOneMessage = false
    /// The longest frame to send, in bytes; at least 1024.
    var frameLimit = LinkOptions.longestFrame
    /// What our Close says in an orderly end.
    var closeReason = CloseReason(.normal)
    /// At the end a line says how it was closed.
    var printsClose = false
    /// The longest message that is taken, in bytes; `nil`: any.
    var messageLimit: Int?
    /// How many Pings and Pongs are read in a second; more wait. Zero: any number.
    var controlFrameRate = 0
    /// Shown each frame.
    var trace: Trace?
    /// How long the peer may stay silent after the end of our direction.
    var linger = Duration.seconds(30)
    /// How long a silent peer may take to answer the Close of an abort, and then to end TCP.
    var abortPatience = Duration.milliseconds(400)
    /// A Ping is sent after this long without a byte from the peer; zero never.
    var pingInterval = Duration.seconds(30)
    /// How long after a Ping the peer may stay silent.
    var pingTimeout = Duration.seconds(30)

    /// What a frame takes of a chunk; bytes without a pattern get a little longer when they are compressed.
    var pieceLimit: Int {
        self.compression == nil ? self.frameLimit : self.frameLimit - self.frameLimit / 32 - 64
    }
}
