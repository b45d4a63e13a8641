// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

@testable import WebSocketCore

extension FuzzTarget {
    /// Both handshakes on header fields as they are, without an HTTP parser that would refuse most of them before. The
    /// first line is the method of a request, or the status of an answer; the others are `Name: value`.
    static let headerFields = FuzzTarget(name: "header-fields") { HeaderFieldsTarget.run }
}

enum HeaderFieldsTarget {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func run(_ bytes: [UInt8]) throws -> FuzzTarget.Verdict {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        let headers = HeaderFields(fields)
        try Self.replaceAll(of: headers)
        if let status = Int(lines[0]) {
            return try Self.answer(status, headers)
        } else {
            return try Self.request(lines[0], headers)
        }
    }

    private static func request(_ method: String, _ headers: HeaderFields) throws -> FuzzTarget.Verdict {
        do {
            let answer = try ServerHandshake.answer(
                method: method,
                httpVersion: (1, 1),
                headers: headers,
                supportedSubprotocols: ["chat", "ssh"]
            )
            // Who made this request must be content with this answer.
            let client = ClientHandshake(uri: "/", host: "h", key: SecWebSocketKey(0, 0), additional: headers.pairs)
            let negotiated = try? client.verify(status: 101, reason: "", headers: answer.headers)
            try promise(negotiated == answer.negotiated, "a client agrees: \(answer), not \(negotiated as Any)")
            for field in answer.headers.fields { try promiseOneLine(field.value) }
            return .accepted
        } catch let refusal as HandshakeRefusal {
            try promise((400...505).contains(refusal.status), "\(refusal) has a status")
            try promiseOneLine("\(refusal)")
            return .refused
        }
    }

    private static func answer(_ status: Int, _ headers: HeaderFields) throws -> FuzzTarget.Verdict {
        guard let key = SecWebSocketKey(headerValue: Self.key) else { return .refused }
        let client = ClientHandshake(
            uri: "/",
            host: "h",
            key: key,
            subprotocols: ["chat", "ssh"],
            offers: [.halfClose, ExtensionOffer("other", [.init("a", "b")])]
        )
        do {
            let agreed = try client.verify(status: status, reason: headers.fields.first?.value ?? "", headers: headers)
            try promise(status == 101, "only 101 opens a WebSocket")
            try promise([nil, "chat", "ssh"].contains(agreed.subprotocol), "a subprotocol was offered")
            try promise(agreed.extensions.count <= 2, "an extension was offered, and once")
            return .accepted
        } catch let failure as HandshakeFailure {
            try promiseOneLine("\(failure)")
            return .refused
        }
    }

    /// Fields that replace themselves stay the same, but that those of one name come together.
    private static func replaceAll(of headers: HeaderFields) throws {
        var replaced = headers
        replaced.replace(with: headers.pairs)
        try promise(replaced.fields.count == headers.fields.count, "no field is lost or doubled")
        for field in headers.fields {
            try promise(replaced.values(for: field.name) == headers.values(for: field.name), "values keep their order")
        }
    }
}

extension HeaderFields {
    fileprivate var pairs: [(String, String)] { self.fields.map { ($0.name, $0.value) } }
}
