// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOCore

/// What a program behind a route learns of the request: variables with the names of CGI (RFC 3875).
///
/// Only what can harm no program gets in: names of letters, digits and dashes, values without control characters that no
/// shell takes for a function, and neither credentials nor `Proxy`, which would become `HTTP_PROXY`.
struct RequestEnvironment {
    /// The variables, by their names.
    let variables: [String: String]

    init(_ request: IncomingRequest, path: RequestPath, values: [String: String], user: String?) {
        var variables = [
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "strait",
            "REQUEST_METHOD": "GET",
            "REQUEST_URI": path.query.isEmpty ? path.text : "\(path.text)?\(path.query)",
            "PATH_INFO": path.text,
            "QUERY_STRING": Self.isHarmless(path.query) ? path.query : "",
            "SERVER_NAME": RequestHost.name(of: request.host) ?? "",
            "REMOTE_ADDR": request.source?.ipAddress ?? "",
            "REMOTE_PORT": request.source?.port.map { "\($0)" } ?? "",
        ]
        if request.tls != nil { variables["HTTPS"] = "on" }
        if let user { variables["REMOTE_USER"] = user }
        for (name, value) in values {
            variables["STRAIT_PATH_\(name.uppercased())"] = Self.isHarmless(value) ? value : ""
        }
        for (name, value) in Self.fields(of: request) { variables[name] = value }
        self.variables = variables
    }

    private static func fields(of request: IncomingRequest) -> [String: String] {
        var fields: [String: String] = [:]
        for field in request.headers.fields.prefix(Self.mostFields) {
            guard let name = Self.variable(field.name), Self.isHarmless(field.value) else { continue }
            fields[name] = fields[name].map { "\($0), \(field.value)" } ?? field.value
        }
        return fields
    }

    private static func variable(_ name: String) -> String? {
        let upper = name.uppercased()
        guard !upper.isEmpty, upper.utf8.count <= Self.longestName, !Self.withheld.contains(upper),
            // An underscore could be told from a dash no more, and so be taken for a field that a proxy vouches for.
            upper.utf8.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") })
        else { return nil }
        return "HTTP_" + String(upper.map { $0 == "-" ? "_" : $0 })
    }

    private static func isHarmless(_ value: String) -> Bool {
        !value.hasPrefix("()") && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private static let withheld: Set = [
        "PROXY", "AUTHORIZATION", "PROXY-AUTHORIZATION", "CONNECTION", "UPGRADE", "SEC-WEBSOCKET-KEY",
    ]
    private static let mostFields = 100
    private static let longestName = 64
}
