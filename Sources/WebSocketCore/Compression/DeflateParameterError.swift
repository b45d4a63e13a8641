// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why an offer of permessage-deflate is declined, or an answer fails the handshake (RFC 7692 §7.1).
public enum DeflateParameterError: Error, Equatable, Sendable {
    /// A parameter that the RFC does not define.
    case unknown(String)
    /// A parameter that stands twice.
    case repeated(String)
    /// A value where none may be, none where one must be, or one out of range.
    case value(String, String?)
    /// An answer without a parameter that the offer insists on.
    case missing(String)
    /// An answer with a window larger than the one offered.
    case windowOverOffer(DeflateWindow, offered: DeflateWindow)
    /// An answer that limits the client's window although the offer does not say that it may.
    case clientWindowNotOffered
}

extension DeflateParameterError: CustomStringConvertible {
    /// Which parameter, what is wrong, and where the RFC says so.
    public var description: String {
        switch self {
        case .unknown(let name):
            "\(quoted(name)) is not a parameter of permessage-deflate (RFC 7692 §7.1)"
        case .repeated(let name):
            "\(quoted(name)) stands twice (RFC 7692 §7.1)"
        case .value(let name, let value?):
            "\(quoted(name)) has the value \(quoted(value)) (RFC 7692 §7.1)"
        case .value(let name, nil):
            "\(quoted(name)) has no value (RFC 7692 §7.1)"
        case .missing(let name):
            "\(quoted(name)) was offered and not answered (RFC 7692 §7.1)"
        case .windowOverOffer(let window, let offered):
            "\"server_max_window_bits\" is \(window.bits), over the \(offered.bits) that was offered (RFC 7692 §7.1.2.1)"
        case .clientWindowNotOffered:
            "\"client_max_window_bits\" was not offered (RFC 7692 §7.1.2.2)"
        }
    }
}
