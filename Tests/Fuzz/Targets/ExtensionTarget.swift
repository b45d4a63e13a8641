// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

@testable import WebSocketCore

extension FuzzTarget {
    /// The value of one `Sec-WebSocket-Extensions` field.
    static let extensions = FuzzTarget(name: "extensions") {
        { bytes in
            let value = String(decoding: bytes, as: UTF8.self)
            do {
                let offers = try ExtensionOffer.parse([value])
                let printed = offers.map(\.description).joined(separator: ", ")
                let again = try? ExtensionOffer.parse([printed])
                try promise(again == offers, "what parses prints to the same: \(offers), not \(again as Any)")
                try promiseOneLine("[\(printed)]")
                let cut = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                if let apart = try? ExtensionOffer.parse(cut) {
                    try promise(apart == offers, "several fields mean the same as one list")
                }
                return .accepted
            } catch let error as ExtensionSyntaxError {
                try promise((0...value.utf8.count).contains(error.offset), "an error lies in the value")
                try promiseOneLine("\(error)")
                return .refused
            }
        }
    }
}
