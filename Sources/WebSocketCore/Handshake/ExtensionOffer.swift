// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An extension that a client offers or a server agrees to: one element of `Sec-WebSocket-Extensions` (RFC 6455 §9.1).
public struct ExtensionOffer: Equatable, Sendable {
    /// A parameter of an extension, with or without a value.
    public struct Parameter: Equatable, Sendable {
        /// The name.
        public var name: String
        /// The value; always a token (§9.1).
        public var value: String?

        /// A parameter of this name and value.
        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// The extension's name.
    public var name: String
    /// Its parameters, in order.
    public var parameters: [Parameter]

    /// An offer of this name and these parameters.
    public init(_ name: String, _ parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    /// An empty binary message ends one direction. Without parameters; known to Strait alone.
    public static let halfClose = ExtensionOffer("strait-half-close")

    /// Whether this is an offer of the extension `name`, in any case.
    public func isNamed(_ name: String) -> Bool {
        self.name.isSameIgnoringCase(as: name)
    }

    /// Parses the values of all `Sec-WebSocket-Extensions` fields of a message. Empty elements are left out, and white
    /// space is taken wherever HTTP allows it.
    public static func parse(_ headerValues: [String]) throws(ExtensionSyntaxError) -> [ExtensionOffer] {
        var offers: [ExtensionOffer] = []
        for value in headerValues {
            var parser = ExtensionParser(value)
            offers += try parser.list()
        }
        return offers
    }
}

extension ExtensionOffer: CustomStringConvertible {
    /// The offer as it stands in the header field.
    public var description: String {
        let parameters = self.parameters.map { parameter in
            parameter.value.map { "; \(parameter.name)=\($0)" } ?? "; \(parameter.name)"
        }
        return self.name + parameters.joined()
    }
}
