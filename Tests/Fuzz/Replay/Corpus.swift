// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files in `Corpus`: one folder for each target, one input for each file.
enum Corpus {
    struct Input: Sendable {
        let path: String
        let bytes: [UInt8]

        var name: String { String(self.path.split(separator: "/").last ?? "") }
    }

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../Corpus"

    static func folders() throws -> [String] {
        try Self.entries(of: Self.directory)
    }

    static func inputs(of target: FuzzTarget) throws -> [Input] {
        let folder = "\(Self.directory)/\(target.name)"
        return try Self.entries(of: folder).map { name in
            let path = "\(folder)/\(name)"
            return Input(path: path, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        }
    }

    private static func entries(of directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }.sorted()
    }
}
