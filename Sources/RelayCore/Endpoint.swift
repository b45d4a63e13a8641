// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A source of chunks and a sink of chunks: one end of a link.
///
/// All members are called on the link's executor only. `read` and `write` are called by one pump each, and never
/// wait for one another.
public protocol Endpoint: AnyObject, Sendable {
    /// What the user knows it by, such as `wss://gw.example/ssh`; begins each message about it.
    var name: String { get }

    /// How its two directions end.
    var closing: Closing { get }

    /// It tells messages apart, so two such endpoints keep each other's message boundaries.
    var carriesMessages: Bool { get }

    /// What it has sent and received, if that has frames.
    var frames: FrameStatistics? { get }

    /// What to say of its peer when that has closed both directions, as a program does that ends; `nil` while it is
    /// there. What it said can still be read, also after `abort(.left)`, and ends soon.
    var departure: (any Error)? { get }

    /// How many of the bytes written its peer's kernel has not taken yet, where the end of the peer's direction is awaited
    /// after ours: it may have to read them first.
    var undelivered: Int { get }

    /// Called at most once, when bytes can no longer be written although nobody is writing.
    var onOutputLost: (@Sendable (any Error) -> Void)? { get set }

    /// Called at most once, when the peer has said in order that it takes no more, although it had agreed to take all.
    var onClosed: (@Sendable () -> Void)? { get set }

    /// Waits for the next chunk. Nothing is taken from the kernel before this is called.
    ///
    /// - Returns: `nil` when the peer has ended this direction in order.
    /// - Throws: when the peer is gone or breaks the protocol, after all that arrived before was returned.
    nonisolated(nonsending) func read() async throws -> Chunk?

    /// Hands `chunk` to the kernel and waits until it has taken all of it (or, with `hasMore`, room for it).
    nonisolated(nonsending) func write(_ chunk: Chunk) async throws

    /// Nothing more will be written. Everything written so far is still delivered.
    ///
    /// - Throws: when the sink reports only now that it could not keep the bytes (a full disk).
    func finish() throws

    /// No more is read from it although it has not ended; pending and later `read` and `write` calls throw.
    func stop()

    /// Breaks it off so that its peer can't take the end for an orderly one. Received bytes can still be read.
    func abort(_ reason: AbortReason)

    /// After `finish` and the end, or after `abort`: waits until its descriptors are closed, for as long as there is
    /// progress.
    ///
    /// - Throws: when the peer did not confirm an orderly end, where it should have.
    func close() async throws
}

extension Endpoint {
    /// Byte streams have no messages.
    public var carriesMessages: Bool { false }
    /// Byte streams have no frames.
    public var frames: FrameStatistics? { nil }
    /// Each direction ends by itself, however long the other takes.
    public var undelivered: Int { 0 }
    /// The peer of a socket says so by an end or a reset.
    public var departure: (any Error)? { nil }
    /// Sockets and pipes can't say so.
    public var onClosed: (@Sendable () -> Void)? {
        get { nil }
        set {}
    }
    /// Sockets and pipes say at each write what has become of it.
    public var closing: Closing { .independent }
}
