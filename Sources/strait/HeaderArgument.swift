// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// `NAME: VALUE`, `NAME:` for none of that name, `NAME;` for an empty one, `@FILE` for those in a file, as curl takes it.
enum HeaderArgument: ExpressibleByArgument, Equatable {
    case change(HeaderChange)
    case file(String)

    init?(argument: String) {
        if argument.hasPrefix("@") {
            self = .file(String(argument.dropFirst()))
        } else if let change = Self.change(argument) {
            self = .change(change)
        } else {
            return nil
        }
    }

    /// One of all forms but `@FILE`.
    static func change(_ text: String) -> HeaderChange? {
        guard let end = text.firstIndex(of: ":") ?? text.firstIndex(of: ";") else { return nil }
        let name = text[..<end]
        let value = text[text.index(after: end)...].drop { $0 == " " || $0 == "\t" }
        // A line break would begin another field.
        guard self.isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        switch (text[end], value.isEmpty) {
        case (":", false): return .set(name: String(name), value: String(value))
        case (":", true): return .remove(name: String(name))
        case (_, true): return .set(name: String(name), value: "")
        case (_, false): return nil
        }
    }

    /// What names of fields and subprotocols are made of (RFC 9110 §5.6.2).
    static func isToken(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,:;\\\"/[]?={}".utf8.contains($0) }
    }
}
