// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document with the line that it begins on, from 1.
indirect enum YAMLNode: Equatable {
    /// A key of a mapping and its value.
    struct Entry: Equatable {
        let key: String
        let line: Int
        let value: YAMLNode
    }

    /// Text: what it means is its reader's matter, so `no` and `1e3` are what they look like.
    case scalar(String, line: Int)
    case sequence([YAMLNode], line: Int)
    case mapping([Entry], line: Int)

    var line: Int {
        switch self {
        case .scalar(_, let line), .sequence(_, let line), .mapping(_, let line): line
        }
    }
}
