// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which message to send next, so that the largest one that passes is found.
///
/// Sizes grow by four until one does not pass. What lies between is halved then, until a sixteenth is left of it; where
/// the peer says its limit, that is tried first, and one byte more.
struct SizeSearch {
    /// The largest that passed; zero: none.
    private(set) var passed = 0
    /// The smallest that did not.
    private(set) var refused: Int?
    private let largest: Int
    private var hints: [Int] = []
    private var triesLeft = 10

    private static let first = 1 << 10

    init(upTo largest: Int) {
        self.largest = largest
    }

    /// - Returns: `nil` when there is no more to find out.
    var next: Int? {
        guard let refused else {
            if self.passed >= self.largest { return nil }
            return min(self.passed == 0 ? Self.first : self.passed * 4, self.largest)
        }
        let left = refused - self.passed
        guard left > 1, self.triesLeft > 0 else { return nil }
        if self.hints.contains(self.passed) { return self.passed + 1 }
        if let hint = self.hints.first(where: { $0 > self.passed && $0 < refused }) { return hint }
        guard left > self.passed / 16 else { return nil }
        return self.passed > 0 && self.passed * 2 < refused ? self.passed * 2 : self.passed + left / 2
    }

    /// A message of the size that was `next` has passed.
    mutating func pass(_ size: Int) {
        self.passed = size
        if self.refused != nil { self.triesLeft -= 1 }
    }

    /// One has not, and its numbers may be the limit.
    mutating func refuse(_ size: Int, saying why: String) {
        if self.refused != nil { self.triesLeft -= 1 }
        self.refused = size
        self.hints = why.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
    }
}
