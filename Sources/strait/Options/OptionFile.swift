// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that an option names: `/dev/fd/3` and pipes are fine, but they can be read only once.
struct OptionFile {
    /// The option, for errors: `--user-file`.
    let option: String
    let path: String

    /// All of it.
    ///
    /// - Throws: when it can't be read, or is over 1 MiB.
    func contents() throws(UsageError) -> [UInt8] {
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.systemError() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &part, part.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.systemError() }
            bytes += part.prefix(count)
            guard bytes.count <= Self.limit else { throw self.error("over 1 MiB", "give another file") }
        }
    }

    /// All of it, without the ends of its lines.
    func lines() throws(UsageError) -> [String] {
        try self.contents().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }

    /// What its first line says; a secret may be in it.
    func secret() throws(UsageError) -> String {
        guard let line = try self.lines().first, !line.isEmpty else {
            throw self.error("the first line is empty", "it should hold what is asked for")
        }
        return line
    }

    func error(_ reason: String, _ advice: String) -> UsageError {
        let space = self.option.hasSuffix("@") ? "" : " "
        return UsageError(what: "\(self.option)\(space)\(self.path)", reason: reason, advice: advice)
    }

    private func systemError() -> UsageError {
        self.error(String(cString: strerror(errno)), "check the path, and that it may be read")
    }

    private static let limit = 1 << 20
}
