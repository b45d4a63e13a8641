// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOConcurrencyHelpers

/// Asks whoever sits at the terminal for a password, which is not shown, as ssh and curl do: not on stdin, which is for
/// relayed bytes.
enum PasswordPrompt {
    enum Answer: Equatable {
        case password(String)
        /// Nobody sits there.
        case noTerminal
        /// The end of input.
        case cancelled
        /// Control-C.
        case interrupted
    }

    static func ask(_ question: String, terminal: String = "/dev/tty") -> Answer {
        let descriptor = open(terminal, O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return .noTerminal }
        defer { close(descriptor) }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return .noTerminal }
        var hidden = settings
        // Control-C ends the line in place of the process, so that the terminal is never left without an echo.
        hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
        withUnsafeMutableBytes(of: &hidden.c_cc) { $0[Int(VEOL)] = Self.controlC }
        let asked = (descriptor, settings)
        Self.asked.withLockedValue { $0 = asked }
        tcsetattr(descriptor, TCSAFLUSH, &hidden)
        defer {
            Self.restore()
            Self.write("\n", to: descriptor)
        }
        Self.write(question, to: descriptor)
        return Self.line(of: descriptor)
    }

    /// Has the terminal show again what is typed, if somebody is asked. Call before each exit.
    static func restore() {
        let asked = self.asked.withLockedValue { $0.take() }
        guard let (descriptor, original) = asked else { return }
        var settings = original
        tcsetattr(descriptor, TCSAFLUSH, &settings)
    }

    private static let asked = NIOLockedValueBox<(CInt, termios)?>(nil)

    private static func line(of descriptor: CInt) -> Answer {
        var bytes: [UInt8] = []
        while bytes.count < Self.limit {
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .cancelled }
            if byte == Self.controlC { return .interrupted }
            if byte == UInt8(ascii: "\n") { return .password(String(decoding: bytes, as: UTF8.self)) }
            bytes.append(byte)
        }
        return .cancelled
    }

    private static func write(_ text: String, to descriptor: CInt) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }

    private static let controlC: UInt8 = 3
    /// A terminal takes no longer line.
    private static let limit = 4096
}
