// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How much memory the buffers have that `value` holds, whatever its fields are called and however they change.
func heldBytes(in value: Any) -> Int {
    var seen: Set<ObjectIdentifier> = []
    return heldBytes(in: value, depth: 0, seen: &seen)
}

private func heldBytes(in value: Any, depth: Int, seen: inout Set<ObjectIdentifier>) -> Int {
    if let buffer = value as? ByteBuffer { return buffer.storageCapacity }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class {
        guard seen.insert(ObjectIdentifier(value as AnyObject)).inserted else { return 0 }
    }
    guard depth < 8 else { return 0 }
    return mirror.children.reduce(0) { $0 + heldBytes(in: $1.value, depth: depth + 1, seen: &seen) }
}
