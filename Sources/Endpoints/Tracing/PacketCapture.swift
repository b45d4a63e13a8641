// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// `--pcap`: the decrypted bytes of WebSockets as packets, for Wireshark and its like.
public final class PacketCapture: Sendable {
    private let file: DiagnosticFile
    /// What stands for the client's port where there is none.
    private static let anyPort: UInt16 = 49152
    /// The server's port, so that the bytes are taken for HTTP, and not for TLS as on port 443.
    private static let serverPort: UInt16 = 80

    /// Writes the head of the file.
    public init(_ file: DiagnosticFile) {
        self.file = file
        file.write(PacketFlow.fileHeader)
    }

    func write(_ packets: ByteBuffer) {
        self.file.write(packets)
    }

    /// How `channel` is shown.
    static func flow(of channel: any Channel, isClient: Bool) -> PacketFlow {
        let (client, server) =
            isClient ? (channel.localAddress, channel.remoteAddress) : (channel.remoteAddress, channel.localAddress)
        return PacketFlow(
            client: self.end(client, port: client?.port.flatMap { UInt16(exactly: $0) } ?? self.anyPort),
            server: self.end(server, port: self.serverPort)
        )
    }

    static var now: PacketFlow.Time {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return PacketFlow.Time(
            seconds: UInt32(truncatingIfNeeded: now.tv_sec),
            microseconds: UInt32(truncatingIfNeeded: now.tv_nsec / 1000)
        )
    }

    private static func end(_ address: SocketAddress?, port: UInt16) -> PacketFlow.End {
        let bytes: [UInt8] =
            switch address {
            case .v4(let ipv4)?: withUnsafeBytes(of: ipv4.address.sin_addr) { Array($0) }
            case .v6(let ipv6)?: withUnsafeBytes(of: ipv6.address.sin6_addr) { Array($0) }
            case .unixDomainSocket?, nil: PacketFlow.End.loopback
            }
        return PacketFlow.End(address: bytes, port: port)
    }
}
