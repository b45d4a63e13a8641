// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Packets of a capture")
struct PacketFlowTests {
    private static let time = PacketFlow.Time(seconds: 1, microseconds: 2)
    private static let client = PacketFlow.End(address: [10, 0, 0, 1], port: 4000)
    private static let server = PacketFlow.End(address: [10, 0, 0, 2], port: 80)

    /// Lengths of the packets, and what each holds from its IP header on.
    private static func packets(_ bytes: ByteBuffer) throws -> [[UInt8]] {
        var bytes = bytes
        var packets: [[UInt8]] = []
        while bytes.readableBytes > 0 {
            let fields = (0..<4).compactMap { _ in bytes.readInteger(endianness: .little, as: UInt32.self) }
            try #require(fields.count == 4)
            #expect(fields[0] == 1)
            #expect(fields[1] == 2)
            #expect(fields[2] == fields[3])
            let packet = bytes.readBytes(length: Int(fields[2]))
            packets.append(try #require(packet))
        }
        return packets
    }

    @Test func thePacketsOfAConnection() throws {
        var flow = PacketFlow(client: Self.client, server: Self.server)
        #expect(try Self.packets(flow.open(at: Self.time)).map { $0[33] } == [0x02, 0x12, 0x10])
        let packet = try Self.packets(flow.data(fromClient: true, ByteBuffer(string: "hi"), at: Self.time))[0]
        #expect(
            packet == [
                0x45, 0, 0, 42, 0, 0, 0x40, 0, 64, 6, 0x26, 0xCC, 10, 0, 0, 1, 10, 0, 0, 2,
                0x0F, 0xA0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0, 0x68, 0x69,
            ]
        )
        let answer = try Self.packets(flow.data(fromClient: false, ByteBuffer(string: "x"), at: Self.time))[0]
        #expect(Array(answer[12..<32]) == [10, 0, 0, 2, 10, 0, 0, 1, 0, 80, 0x0F, 0xA0, 0, 0, 0, 1, 0, 0, 0, 3])
        #expect(try Self.packets(flow.end(fromClient: true, at: Self.time))[0][33] == 0x11)
        #expect(flow.end(fromClient: true, at: Self.time).readableBytes == 0)
        #expect(try Self.packets(flow.end(fromClient: false, at: Self.time))[0][31] == 4)
    }

    @Test func theSumOfAnIPv4HeaderIsRight() throws {
        var flow = PacketFlow(client: Self.client, server: Self.server)
        for packet in try Self.packets(flow.open(at: Self.time)) {
            let words = stride(from: 0, to: 20, by: 2).map { UInt32(packet[$0]) << 8 + UInt32(packet[$0 + 1]) }
            let sum = words.reduce(0, +)
            #expect((sum & 0xFFFF) + (sum >> 16) == 0xFFFF)
        }
    }

    @Test(arguments: [(1, 1), (16 << 10, 1), ((16 << 10) + 1, 2), (100_000, 7)])
    func longDataTakesSeveralPackets(bytes: Int, count: Int) throws {
        var flow = PacketFlow(client: Self.client, server: Self.server)
        let packets = try Self.packets(
            flow.data(fromClient: true, ByteBuffer(repeating: 7, count: bytes), at: Self.time)
        )
        #expect(packets.count == count)
        #expect(packets.map { $0.count - 40 }.reduce(0, +) == bytes)
    }

    @Test func ipv6HasItsOwnHeader() throws {
        let address = [UInt8](repeating: 0, count: 15) + [1]
        var flow = PacketFlow(
            client: PacketFlow.End(address: address, port: 4000),
            server: PacketFlow.End(address: address, port: 80)
        )
        let packet = try Self.packets(flow.data(fromClient: true, ByteBuffer(string: "hi"), at: Self.time))[0]
        #expect(packet.prefix(8) == [0x60, 0, 0, 0, 0, 22, 6, 64])
        #expect(packet.count == 62)
    }

    @Test func endsOfTwoFamiliesAreShownAsLoopback() throws {
        var flow = PacketFlow(
            client: Self.client,
            server: PacketFlow.End(address: [UInt8](repeating: 0, count: 16), port: 80)
        )
        #expect(Array(try Self.packets(flow.open(at: Self.time))[0][12..<20]) == [127, 0, 0, 1, 127, 0, 0, 1])
    }
}
