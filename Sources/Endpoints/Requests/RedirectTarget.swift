// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a `Location` means (RFC 9110 §10.2.2, RFC 3986 §5).
enum RedirectTarget {
    /// - Parameters:
    ///   - location: absolute (`https:` is `wss:`, `http:` is `ws:`) or relative to `base`.
    ///   - allowsInsecure: from wss to ws, too.
    static func url(
        _ location: String,
        from base: WebSocketURL,
        allowsInsecure: Bool
    ) throws(RedirectError) -> WebSocketURL {
        var url = try self.resolve(location, base)
        if base.isSecure, !url.isSecure, !allowsInsecure { throw .insecure(location: "\(url)") }
        let path = url.target.prefix { $0 != "?" }
        url.target = self.withoutDots(path) + url.target[path.endIndex...]
        if url.credentials == nil, url.isSameOrigin(as: base) { url.credentials = base.credentials }
        return url
    }

    private static func resolve(_ location: String, _ base: WebSocketURL) throws(RedirectError) -> WebSocketURL {
        let shown = RequestSecrets(target: base.target).hidden(inLocation: location)
        let text = self.percentEncoded(location)
        let reference = text.prefix { $0 != "#" }
        var url = base
        url.credentials = nil
        if let (scheme, rest) = self.scheme(of: reference) {
            switch scheme {
            case "ws", "http": return try self.absolute("ws:\(rest)", shown)
            case "wss", "https": return try self.absolute("wss:\(rest)", shown)
            default: throw .unusable(location: shown, reason: "\(scheme) is not the protocol of a WebSocket")
            }
        }
        if reference.hasPrefix("//") {
            return try self.absolute("\(base.isSecure ? "wss" : "ws"):\(reference)", shown)
        }
        let path = base.target.prefix { $0 != "?" }
        if reference.isEmpty {
            return url
        } else if reference.hasPrefix("/") {
            url.target = String(reference)
        } else if reference.hasPrefix("?") {
            url.target = String(path + reference)
        } else {
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            url.target = "\(folder)/\(reference)"
        }
        return url
    }

    private static func absolute(_ text: String, _ shown: String) throws(RedirectError) -> WebSocketURL {
        do throws(AddressError) {
            guard case .webSocket(let url) = try Address(text) else {
                throw AddressError(address: text, problem: "no host", expected: "")
            }
            return url
        } catch {
            throw .unusable(location: shown, reason: error.problem)
        }
    }

    /// In lower case, and what follows the colon.
    private static func scheme(of reference: Substring) -> (String, Substring)? {
        guard let end = reference.firstIndex(where: { ":/?".contains($0) }), reference[end] == ":",
            let first = reference.first,
            first.isASCII, first.isLetter
        else { return nil }
        return (reference[..<end].lowercased(), reference[reference.index(after: end)...])
    }

    /// What no URL holds as it is: spaces, control characters, and what is not ASCII.
    private static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// RFC 3986 §5.2.4.
    private static func withoutDots(_ path: Substring) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for segment in segments where segment != "." {
            if segment == ".." {
                _ = kept.popLast()
            } else {
                kept.append(segment)
            }
        }
        if let last = segments.last, last == "." || last == ".." { kept.append("") }
        return "/" + kept.joined(separator: "/")
    }
}
