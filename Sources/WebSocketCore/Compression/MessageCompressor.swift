// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import CZlib
import NIOCore

/// Compresses messages for permessage-deflate (RFC 7692 §7.2.1), each piece so that it can be inflated as soon as it is
/// there.
///
/// zlib's state, of 2^(bits + 3) bytes for the window, is made at the first byte, and again after ``rest()``.
public final class MessageCompressor {
    /// Out of memory.
    public struct Failure: Error, CustomStringConvertible {
        /// What can't be had.
        public let description = "no memory to compress with"
    }

    private let windowBits: CInt
    private let takesOver: Bool
    private var isInsideMessage = false
    private var wasUsed = false
    /// On the heap, since zlib's state points back to it.
    private var stream: UnsafeMutablePointer<z_stream>?

    /// A compressor at the start of a connection.
    public init(_ direction: DeflateAgreement.Direction) {
        // Without a header, zlib takes no 8. With 9 it refers back 512 - 262 bytes at most (its MAX_DIST), so what it
        // makes of 9 fits a window of 8.
        self.windowBits = CInt(max(direction.window.bits, 9))
        self.takesOver = direction.takesOver
    }

    deinit {
        self.release()
    }

    /// Call it now and then: frees zlib's state if nothing was compressed since the last call. What follows refers to
    /// nothing that came before then, which a peer need not be told.
    public func rest() {
        if !self.wasUsed, !self.isInsideMessage { self.release() }
        self.wasUsed = false
    }

    private func release() {
        guard let stream = self.stream else { return }
        deflateEnd(stream)
        stream.deallocate()
        self.stream = nil
    }

    /// Whether zlib's state exists.
    var holdsState: Bool { self.stream != nil }

    /// The compressed form of a piece of a message: what its frame carries.
    ///
    /// - Parameter isMessageEnd: The piece is the last one of its message.
    public func compress(_ piece: ByteBuffer, isMessageEnd: Bool) throws(Failure) -> ByteBuffer {
        self.isInsideMessage = !isMessageEnd
        guard piece.readableBytes > 0 else {
            guard isMessageEnd else { return ByteBuffer() }
            self.endMessage()
            // A message without anything, or behind a flushed piece: an empty block, less its tail (§7.2.3.6).
            return ByteBuffer(bytes: [0])
        }
        let stream = try self.openStream()
        self.wasUsed = true
        let bound = deflateBound(stream, UInt(piece.readableBytes))
        var out = ByteBufferAllocator().buffer(capacity: Int(bound) + Self.roomForFlush)
        var remaining = piece
        var isFlushed = false
        while !isFlushed {
            try Self.step(stream, &remaining, &out)
            // With room left, the flush is complete (zlib.h, Z_SYNC_FLUSH).
            isFlushed = stream.pointee.avail_out > 0 && remaining.readableBytes == 0
        }
        if isMessageEnd {
            out.moveWriterIndex(to: max(out.readerIndex, out.writerIndex - Self.tailLength))
            self.endMessage()
        }
        return out
    }

    private func endMessage() {
        if let stream, !self.takesOver { deflateReset(stream) }
    }

    private func openStream() throws(Failure) -> UnsafeMutablePointer<z_stream> {
        if let stream = self.stream { return stream }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            -self.windowBits,
            // As much for the hash table and the symbols as for the window: zlib's own 8 for 15.
            self.windowBits - 7,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size)
        )
        guard result == Z_OK else {
            stream.deallocate()
            throw Failure()
        }
        self.stream = stream
        return stream
    }

    /// Takes of `input` and appends to `out` what one call of zlib does.
    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ input: inout ByteBuffer,
        _ out: inout ByteBuffer
    ) throws(Failure) {
        var result = Z_OK
        input.readWithUnsafeReadableBytes { source in
            out.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.roomForFlush) { space in
                stream.pointee.next_in = source.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_out = UInt32(clamping: space.count)
                result = deflate(stream, Z_SYNC_FLUSH)
                return min(space.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
            }
            return min(source.count, Int(UInt32.max)) - Int(stream.pointee.avail_in)
        }
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        guard result == Z_OK || result == Z_BUF_ERROR else { throw Failure() }
    }

    /// What a sync flush ends with, 00 00 FF FF, is left out at the end of a message (§7.2.1).
    private static let tailLength = 4
    /// A flush takes up to 6 bytes, and is repeated if it fills the room exactly.
    private static let roomForFlush = 64
}
