// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One connection as a capture shows it: packets of TCP over IP as they could have been (RFC 9293), with the bytes of the
/// WebSocket in them. No I/O, no clock.
struct PacketFlow {
    /// One end: 4 or 16 bytes of address, and the port.
    struct End: Equatable {
        var address: [UInt8]
        var port: UInt16

        static let loopback: [UInt8] = [127, 0, 0, 1]
    }

    /// Seconds and microseconds since 1970.
    struct Time {
        var seconds: UInt32
        var microseconds: UInt32
    }

    private struct Flags {
        static let fin: UInt8 = 0x01
        static let syn: UInt8 = 0x02
        static let push: UInt8 = 0x08
        static let acknowledge: UInt8 = 0x10
    }

    private let client: End
    private let server: End
    /// What each has sent so far, and that it has ended.
    private var clientSequence: UInt32 = 0
    private var serverSequence: UInt32 = 0
    private var hasClientEnded = false
    private var hasServerEnded = false

    /// Payload of a packet; any that fits in 65,535 bytes would do.
    private static let longestPayload = 16 << 10

    init(client: End, server: End) {
        let isOneFamily = client.address.count == server.address.count
        self.client = isOneFamily ? client : End(address: End.loopback, port: client.port)
        self.server = isOneFamily ? server : End(address: End.loopback, port: server.port)
    }

    /// What a capture begins with (pcap-savefile(5)): microseconds, raw IP.
    static var fileHeader: ByteBuffer {
        var header = ByteBuffer()
        header.writeInteger(0xA1B2_C3D4 as UInt32, endianness: .little)
        header.writeInteger(2 as UInt16, endianness: .little)
        header.writeInteger(4 as UInt16, endianness: .little)
        header.writeInteger(0 as UInt64)
        header.writeInteger(0x4_0000 as UInt32, endianness: .little)
        header.writeInteger(101 as UInt32, endianness: .little)
        return header
    }

    /// The three packets that open it.
    mutating func open(at time: Time) -> ByteBuffer {
        var out = ByteBuffer()
        self.write(fromClient: true, Flags.syn, ByteBuffer(), at: time, to: &out)
        self.clientSequence &+= 1
        self.write(fromClient: false, Flags.syn | Flags.acknowledge, ByteBuffer(), at: time, to: &out)
        self.serverSequence &+= 1
        self.write(fromClient: true, Flags.acknowledge, ByteBuffer(), at: time, to: &out)
        return out
    }

    mutating func data(fromClient: Bool, _ bytes: ByteBuffer, at time: Time) -> ByteBuffer {
        var out = ByteBuffer()
        var rest = bytes
        while let part = rest.readSlice(length: min(rest.readableBytes, Self.longestPayload)), part.readableBytes > 0 {
            self.write(fromClient: fromClient, Flags.push | Flags.acknowledge, part, at: time, to: &out)
            self.advance(fromClient: fromClient, by: UInt32(part.readableBytes))
        }
        return out
    }

    /// One direction has ended; once.
    mutating func end(fromClient: Bool, at time: Time) -> ByteBuffer {
        var out = ByteBuffer()
        guard !(fromClient ? self.hasClientEnded : self.hasServerEnded) else { return out }
        if fromClient { self.hasClientEnded = true } else { self.hasServerEnded = true }
        self.write(fromClient: fromClient, Flags.fin | Flags.acknowledge, ByteBuffer(), at: time, to: &out)
        self.advance(fromClient: fromClient, by: 1)
        return out
    }

    private mutating func advance(fromClient: Bool, by count: UInt32) {
        if fromClient { self.clientSequence &+= count } else { self.serverSequence &+= count }
    }

    private func write(fromClient: Bool, _ flags: UInt8, _ payload: ByteBuffer, at time: Time, to out: inout ByteBuffer)
    {
        let (source, target) = fromClient ? (self.client, self.server) : (self.server, self.client)
        let isIPv4 = source.address.count == 4
        let tcpLength = 20 + payload.readableBytes
        let length = UInt32((isIPv4 ? 20 : 40) + tcpLength)
        for field in [time.seconds, time.microseconds, length, length] { out.writeInteger(field, endianness: .little) }
        if isIPv4 {
            self.writeIPv4(source, target, tcpLength: tcpLength, to: &out)
        } else {
            out.writeInteger(0x6000_0000 as UInt32)
            out.writeInteger(UInt16(tcpLength))
            out.writeBytes([6, 64] + source.address + target.address)
        }
        let (sent, received) =
            fromClient ? (self.clientSequence, self.serverSequence) : (self.serverSequence, self.clientSequence)
        out.writeInteger(source.port)
        out.writeInteger(target.port)
        out.writeInteger(sent)
        out.writeInteger(flags & Flags.acknowledge == 0 ? 0 : received)
        out.writeBytes([0x50, flags])
        out.writeInteger(UInt16.max)
        // Sum and urgent pointer; a sum of 0 is that of a packet whose network card had yet to fill it in.
        out.writeInteger(0 as UInt32)
        out.writeImmutableBuffer(payload)
    }

    private func writeIPv4(_ source: End, _ target: End, tcpLength: Int, to out: inout ByteBuffer) {
        let total = UInt16(20 + tcpLength)
        let fixed: [UInt8] = [0x45, 0, UInt8(total >> 8), UInt8(total & 0xFF), 0, 0, 0x40, 0, 64, 6]
        let addresses = source.address + target.address
        var sum: UInt32 = 0
        for (index, byte) in (fixed + addresses).enumerated() {
            sum += UInt32(byte) << (index % 2 == 0 ? 8 : 0)
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        out.writeBytes(fixed)
        out.writeInteger(~UInt16(sum))
        out.writeBytes(addresses)
    }
}
