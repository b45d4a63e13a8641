// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import RelayCore
import WebSocketCore

/// Messages of a WebSocket, and how it is closed.
struct MessageOptions: ParsableArguments {
    @Flag(name: [.customShort("t"), .long], help: "Lines are text messages. Default on a terminal; no half-close.")
    var text = false

    @Flag(help: "Bytes, also on a terminal; with -0, -1: binary messages.")
    var binary = false

    @Flag(name: [.customShort("0"), .long], help: "Messages end with a null byte, not with a newline.")
    var null = false

    @Flag(name: [.customShort("1"), .long], help: "All of the input is one message; end when one has come.")
    var oneMessage = false

    @Flag(help: "Messages are lines of Base64; binary without --text.")
    var base64 = false

    @Option(help: ArgumentHelp("Limit for a message that comes where they are told apart; 0 any.", valueName: "size"))
    var maxMessage = ByteSize(64 << 20)

    @OptionGroup
    var frames: FrameOptions

    @Option(help: ArgumentHelp("Code of our Close in an orderly end.", valueName: "number"))
    var closeCode = CloseCode.normal.rawValue

    @Option(help: ArgumentHelp("Reason of our Close in an orderly end, up to 123 bytes.", valueName: "text"))
    var closeReason = ""

    @Flag(help: "At the end, say code and reason of the peer's Close.")
    var printClose = false

    func validate() throws {
        if self.text, self.binary { throw ValidationError("--text and --binary exclude each other") }
        if self.null, self.oneMessage { throw ValidationError("--null and --one-message exclude each other") }
        if !CloseCode(rawValue: self.closeCode).isSendable {
            throw ValidationError("--close-code needs 1000 to 1003, 1007 to 1014 or 3000 to 4999 (RFC 6455 §7.4)")
        }
        if self.closeReason.utf8.count > Self.longestReason {
            throw ValidationError("--close-reason is over \(Self.longestReason) bytes (RFC 6455 §5.5.1)")
        }
    }

    /// An option that tells messages apart, whatever stdin is.
    var modeOption: String? { self.text ? "--text" : self.needsStandardStreams }

    /// An option that says how messages stand in the standard streams.
    var needsStandardStreams: String? {
        self.null ? "--null" : self.oneMessage ? "--one-message" : self.base64 ? "--base64" : nil
    }

    /// - Parameter isTerminal: somebody types.
    func apply(to options: inout LinkOptions, isTerminal: Bool) {
        options.messageLimit = self.maxMessage.bytes
        options.frameLimit = self.frames.maxFrame?.bytes
        options.closeReason = CloseReason(CloseCode(rawValue: self.closeCode), self.closeReason)
        options.printsClose = self.printClose
        guard self.modeOption != nil || (isTerminal && !self.binary) else { return }
        let isOneBinary = self.oneMessage && !isTerminal
        options.messages = MessageFormat(
            isText: self.text || !(self.binary || self.base64 || isOneBinary),
            boundary: self.null ? .null : self.oneMessage ? .endOfStream : .newline,
            isBase64: self.base64
        )
    }

    private static let longestReason = 123
}
