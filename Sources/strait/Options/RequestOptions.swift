// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// What a WebSocket's opening request says.
struct RequestOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp(
            "Header of the request, also in place of a usual one; NAME: leaves it out; @FILE reads them.",
            valueName: "NAME: VALUE"
        )
    )
    var header: [HeaderArgument] = []

    @Option(
        name: [.customShort("A"), .long],
        help: ArgumentHelp("User-Agent of the request; \"\" none.", valueName: "name")
    )
    var userAgent: String?

    @Option(
        name: [.customShort("b"), .long],
        help: ArgumentHelp(
            "NAME=VALUE; …, or a file of cookies in Netscape's format, or \"\"; both keep those of redirects.",
            valueName: "cookies"
        ),
        completion: .file()
    )
    var cookie: [String] = []

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Subprotocols to offer or accept, best first, separated by commas.", valueName: "name")
    )
    var subprotocol: [String] = []

    @Flag(name: [.customShort("L"), .long], help: "Follow redirects; credentials do not go to other hosts.")
    var location = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("At most so many of them; -1 any number.", valueName: "number")
    )
    var maxRedirs = 50

    func validate() throws {
        if let userAgent, !userAgent.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) {
            throw ValidationError("--user-agent has control characters")
        }
        for cookie in self.cookie where !cookie.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            throw ValidationError("--cookie has control characters")
        }
        let names = self.subprotocols
        if let wrong = names.first(where: { !HeaderArgument.isToken($0) }) {
            throw ValidationError("--protocol: \"\(wrong)\" is no name (use NAME, or NAME,NAME in order of preference)")
        }
        if Set(names).count < names.count {
            throw ValidationError("--protocol names one twice: \(names.joined(separator: ", "))")
        }
        if self.maxRedirs < -1 { throw ValidationError("--max-redirs is negative; -1 means any number") }
    }

    func apply(to options: inout LinkOptions) throws {
        options.request.userAgent = "strait/\(Version.current)"
        switch self.userAgent {
        case ""?: options.request.headers.append(.remove(name: "User-Agent"))
        case let name?: options.request.userAgent = name
        case nil: break
        }
        for header in self.header {
            switch header {
            case .change(let change): options.request.headers.append(change)
            case .file(let path): options.request.headers += try Self.headers(in: path)
            }
        }
        for cookie in self.cookie {
            if cookie.utf8.contains(UInt8(ascii: "=")) {
                options.request.cookies.append(cookie)
            } else {
                options.request.keepsCookies = true
                if !cookie.isEmpty { try Self.addCookies(in: cookie, to: &options.request.cookieJar) }
            }
        }
        if self.location { options.request.redirectLimit = self.maxRedirs < 0 ? .max : self.maxRedirs }
        options.subprotocols = self.subprotocols
    }

    private var subprotocols: [String] {
        self.subprotocol.flatMap { list in
            list.split(separator: ",").map { name in
                let isSpace = { (character: Character) in character == " " }
                return String(name.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
            }
        }.filter { !$0.isEmpty }
    }

    static func headers(in path: String, of option: String = "--header @") throws(UsageError) -> [HeaderChange] {
        let file = OptionFile(option: option, path: path)
        var changes: [HeaderChange] = []
        for (index, line) in try file.lines().enumerated() where !line.isEmpty {
            guard let change = HeaderArgument.change(line) else {
                throw file.error("line \(index + 1) is no header", "write NAME: VALUE")
            }
            changes.append(change)
        }
        return changes
    }

    private static func addCookies(in path: String, to jar: inout CookieJar) throws(UsageError) {
        let file = OptionFile(option: "--cookie", path: path)
        guard let wrong = jar.add(lines: try file.lines()) else { return }
        throw file.error(
            "line \(wrong) is no cookie in Netscape's format",
            "see curl's --cookie-jar, or give NAME=VALUE"
        )
    }
}
