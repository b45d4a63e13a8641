// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The parameters of one offer of permessage-deflate, or of the answer to it (RFC 7692 §7.1).
public struct DeflateParameters: Equatable, Sendable {
    /// What stands for `client_max_window_bits`.
    public enum ClientWindow: Equatable, Sendable {
        /// Nothing: an answer must not have it either.
        case absent
        /// The name alone: the answer may limit the window. In offers only.
        case anySize
        /// In an offer: the client won't use more, whatever is answered. In an answer: the client must not use more.
        case limited(DeflateWindow)
    }

    /// The server must not use what came before a message to compress it.
    public var serverNoContextTakeover = false
    /// The client must not, or in an offer: will not.
    public var clientNoContextTakeover = false
    /// The server must not use a larger window.
    public var serverMaxWindow: DeflateWindow?
    /// The client's window.
    public var clientMaxWindow = ClientWindow.absent

    /// No parameter: all that the RFC leaves free is free.
    public init() {}

    /// Who wrote the parameters.
    enum Kind {
        case offer
        case answer
    }

    /// Reads the parameters of an element of `Sec-WebSocket-Extensions`.
    ///
    /// - Throws: The first one that is unknown, stands twice, or has a value that it must not have (§7).
    init(_ element: ExtensionOffer, _ kind: Kind) throws(DeflateParameterError) {
        var seen: Set<String> = []
        for parameter in element.parameters {
            let name = parameter.name.lowercased()
            guard seen.insert(name).inserted else { throw .repeated(name) }
            try self.read(name, parameter.value, kind)
        }
    }

    private mutating func read(_ name: String, _ value: String?, _ kind: Kind) throws(DeflateParameterError) {
        switch name {
        case Self.serverNoContextTakeoverName:
            guard value == nil else { throw .value(name, value) }
            self.serverNoContextTakeover = true
        case Self.clientNoContextTakeoverName:
            guard value == nil else { throw .value(name, value) }
            self.clientNoContextTakeover = true
        case Self.serverMaxWindowName:
            guard let window = value.flatMap(DeflateWindow.init(parameter:)) else { throw .value(name, value) }
            self.serverMaxWindow = window
        case Self.clientMaxWindowName:
            if value == nil, kind == .offer {
                self.clientMaxWindow = .anySize
            } else {
                guard let window = value.flatMap(DeflateWindow.init(parameter:)) else { throw .value(name, value) }
                self.clientMaxWindow = .limited(window)
            }
        default:
            throw .unknown(name)
        }
    }

    /// The element of `Sec-WebSocket-Extensions` that says this.
    public var element: ExtensionOffer {
        var parameters: [ExtensionOffer.Parameter] = []
        if self.serverNoContextTakeover { parameters.append(.init(Self.serverNoContextTakeoverName)) }
        if self.clientNoContextTakeover { parameters.append(.init(Self.clientNoContextTakeoverName)) }
        if let window = self.serverMaxWindow { parameters.append(.init(Self.serverMaxWindowName, "\(window.bits)")) }
        switch self.clientMaxWindow {
        case .absent: break
        case .anySize: parameters.append(.init(Self.clientMaxWindowName))
        case .limited(let window): parameters.append(.init(Self.clientMaxWindowName, "\(window.bits)"))
        }
        return ExtensionOffer(Self.extensionName, parameters)
    }

    static let extensionName = "permessage-deflate"
    private static let serverNoContextTakeoverName = "server_no_context_takeover"
    private static let clientNoContextTakeoverName = "client_no_context_takeover"
    private static let serverMaxWindowName = "server_max_window_bits"
    private static let clientMaxWindowName = "client_max_window_bits"
}
