// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which requests a route takes: `/ssh`, `//gw.example/ssh`, `/tcp/{host}/{port}`.
///
/// Paths are compared byte for byte, so their case counts; hosts are not case-sensitive. A `{name}` stands for one whole
/// segment that is not empty.
struct RoutePattern: Hashable, Sendable, CustomStringConvertible {
    enum Segment: Hashable, Sendable {
        case literal(String)
        case placeholder(String)

        var isLiteral: Bool {
            switch self {
            case .literal: true
            case .placeholder: false
            }
        }
    }

    /// In lower case; `nil`: any.
    let host: String?
    let segments: [Segment]
    /// As it was written.
    let description: String

    /// - Throws: What is wrong with it, in words.
    init(_ text: String) throws(ValueError) {
        self.description = text
        var path = text[...]
        if path.hasPrefix("//") {
            let rest = path.dropFirst(2)
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let host = String(rest[..<slash])
            guard let name = RequestHost.name(of: host), !host.hasSuffix("."), name.count == host.count else {
                throw ValueError("\(text): no host behind the //", "write //HOST/PATH, without a port")
            }
            self.host = name
            path = rest[slash...]
        } else {
            self.host = nil
        }
        guard path.hasPrefix("/") else { throw ValueError("\(text): no path", "a path begins with /, such as /ssh") }
        var names: Set<String> = []
        var segments: [Segment] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = Self.placeholder(part) else {
                segments.append(.literal(String(part)))
                continue
            }
            guard names.insert(name).inserted else {
                throw ValueError("\(text): {\(name)} is there twice", "give each its own name")
            }
            segments.append(.placeholder(name))
        }
        self.segments = segments
        // A path that no request can have would be a route that never answers.
        let sample = "/" + segments.map { if case .literal(let text) = $0 { text } else { "x" } }.joined(separator: "/")
        do throws(RequestPathError) {
            _ = try RequestPath(target: sample)
        } catch {
            throw ValueError("\(text): \(error)", "a placeholder is a whole segment: /tcp/{host}/{port}")
        }
        guard !sample.contains("?") else {
            throw ValueError("\(text): a query in the path", "leave it out: a path is served with any query")
        }
    }

    /// The names of its placeholders.
    var names: Set<String> {
        Set(self.segments.compactMap { if case .placeholder(let name) = $0 { name } else { nil } })
    }

    /// - Returns: What the placeholders stand for, decoded; `nil` if the path is another one.
    func match(host: String, path: RequestPath) -> [String: String]? {
        if let own = self.host, own != host { return nil }
        guard path.segments.count == self.segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(self.segments, path.segments) {
            switch segment {
            case .literal(let text):
                guard text == part else { return nil }
            case .placeholder(let name):
                guard !part.isEmpty, let value = RequestPath.decoded(part) else { return nil }
                values[name] = value
            }
        }
        return values
    }

    /// Whether both take some request: they differ at most in how placeholders are called.
    func isSame(as other: RoutePattern) -> Bool {
        self.host == other.host && self.segments.count == other.segments.count
            && zip(self.segments, other.segments).allSatisfy { $0 == $1 || (!$0.isLiteral && !$1.isLiteral) }
    }

    /// Whether this one is asked first: one with a host, then one whose first difference is a literal.
    func isMoreSpecific(than other: RoutePattern) -> Bool {
        if (self.host == nil) != (other.host == nil) { return self.host != nil }
        for (mine, theirs) in zip(self.segments, other.segments) where mine.isLiteral != theirs.isLiteral {
            return mine.isLiteral
        }
        return false
    }

    private static func placeholder(_ part: Substring) -> String? {
        guard part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 else { return nil }
        let name = part.dropFirst().dropLast()
        return Self.isName(name) ? String(name) : nil
    }

    /// Letters, digits and underscores, no digit first.
    static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39 ~= first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
