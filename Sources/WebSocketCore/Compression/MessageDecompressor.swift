// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import CZlib
import NIOCore

/// Inflates messages of permessage-deflate (RFC 7692 §7.2.2), as much at a time as its caller wants.
///
/// What a message inflates to is never held: zlib's state of some 10 KiB and the window, both made when they are first
/// needed, is all the memory that it takes.
public final class MessageDecompressor {
    /// Why a message can't be inflated.
    public enum Failure: Error, Equatable {
        /// The peer's bytes are no deflate, or end inside of a block.
        case notDeflate
        /// Out of memory.
        case noMemory
    }

    private enum State {
        /// Between two messages, or inside one of which nothing has come.
        case between
        /// Inside of a message.
        case payload
        /// The payload is over: the rest of ``tail`` follows.
        case tail(ByteBuffer)
        /// The peer's bytes are no deflate. Final.
        case failed
    }

    private let windowBits: CInt
    private let takesOver: Bool
    private var state = State.between
    /// On the heap, since zlib's state points back to it.
    private var stream: UnsafeMutablePointer<z_stream>?

    /// A decompressor at the start of a connection.
    public init(_ direction: DeflateAgreement.Direction) {
        self.windowBits = CInt(direction.window.bits)
        self.takesOver = direction.takesOver
    }

    deinit {
        self.release()
    }

    /// Takes payload of a message off the front of `input`, and inflates it up to `limit` bytes.
    ///
    /// Call it until it returns `nil`: by then it has taken all of `input`, and, with `isMessageEnd`, the message is over.
    ///
    /// - Parameters:
    ///   - isMessageEnd: What follows `input` belongs to another message.
    ///   - limit: How many bytes one call gives at most; over 0.
    /// - Returns: The bytes, of which there may be none, and whether they end the message. `nil` when there is nothing
    ///   more to be had from `input`.
    /// - Throws: `.notDeflate`, from the first byte that shows it, and again on each later call.
    public func next(
        from input: inout ByteBuffer,
        isMessageEnd: Bool,
        limit: Int
    ) throws(Failure) -> (bytes: ByteBuffer, isMessageEnd: Bool)? {
        if case .failed = self.state { throw .notDeflate }
        if case .between = self.state {
            guard input.readableBytes > 0 else { return nil }
            self.state = .payload
        }
        do throws(Failure) {
            return try self.inflated(&input, isMessageEnd: isMessageEnd, limit: limit)
        } catch {
            self.state = .failed
            self.release()
            throw error
        }
    }

    private func inflated(
        _ input: inout ByteBuffer,
        isMessageEnd: Bool,
        limit: Int
    ) throws(Failure) -> (bytes: ByteBuffer, isMessageEnd: Bool)? {
        let stream = try self.openStream()
        var out = ByteBufferAllocator().buffer(capacity: limit)
        while true {
            switch self.state {
            case .payload:
                try Self.step(stream, &input, &out, limit: limit, Z_SYNC_FLUSH)
                if out.readableBytes == limit { return (out, false) }
                // With room left, it has taken everything, and holds nothing back.
                guard isMessageEnd else { return out.readableBytes > 0 ? (out, false) : nil }
                self.state = .tail(Self.tail)
            case .tail(var rest):
                let isAtBlock = try Self.step(stream, &rest, &out, limit: limit, Z_BLOCK)
                if isAtBlock, rest.readableBytes == 0 {
                    self.endMessage()
                    return (out, true)
                }
                if out.readableBytes == limit {
                    self.state = .tail(rest)
                    return (out, false)
                }
                // The message ends inside of a block.
                guard rest.readableBytes > 0 else { throw .notDeflate }
                self.state = .tail(rest)
            case .between, .failed:
                return nil
            }
        }
    }

    private func endMessage() {
        self.state = .between
        if !self.takesOver { self.release() }
    }

    private func release() {
        guard let stream = self.stream else { return }
        inflateEnd(stream)
        stream.deallocate()
        self.stream = nil
    }

    private func openStream() throws(Failure) -> UnsafeMutablePointer<z_stream> {
        if let stream = self.stream { return stream }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = CInt(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, -self.windowBits, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw .noMemory
        }
        self.stream = stream
        return stream
    }

    /// Takes of `input` and appends to `out` what zlib does until one of them is at its end.
    ///
    /// - Returns: Whether it stopped between two blocks, at the border of a byte.
    @discardableResult
    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ input: inout ByteBuffer,
        _ out: inout ByteBuffer,
        limit: Int,
        _ flush: CInt
    ) throws(Failure) -> Bool {
        while true {
            let result = Self.call(stream, &input, &out, limit: limit, flush)
            switch result {
            case Z_OK, Z_BUF_ERROR:
                let state = stream.pointee.data_type
                return state & Self.isBetweenBlocks != 0 && state & Self.unusedBits == 0
            case Z_STREAM_END:
                // A block with BFINAL; others may follow it, and refer to what came before (§7.2.1, §7.2.3.4).
                inflateResetKeep(stream)
                if input.readableBytes == 0 || out.readableBytes == limit { return true }
            case Z_MEM_ERROR:
                throw .noMemory
            default:
                throw .notDeflate
            }
        }
    }

    private static func call(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ input: inout ByteBuffer,
        _ out: inout ByteBuffer,
        limit: Int,
        _ flush: CInt
    ) -> CInt {
        var result = Z_OK
        let room = limit - out.readableBytes
        input.readWithUnsafeReadableBytes { source in
            out.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
                let room = UInt32(clamping: room)
                let length = UInt32(clamping: source.count)
                stream.pointee.next_in = source.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_in = length
                stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_out = room
                result = inflate(stream, flush)
                return Int(room - stream.pointee.avail_out)
            }
            return Int(UInt32(clamping: source.count) - stream.pointee.avail_in)
        }
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        return result
    }

    /// What the sender left out (§7.2.2).
    private static let tail = ByteBuffer(bytes: [0x00, 0x00, 0xFF, 0xFF])
    /// Bits of `data_type` (zlib.h, inflate()).
    private static let isBetweenBlocks: CInt = 128
    private static let unusedBits: CInt = 7
}
