// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOConcurrencyHelpers

/// Standard input, output and error as the parent handed them over; they belong to it as well, so their flags are put
/// back before the process ends, however it ends.
public enum InheritedDescriptors {
    private static let flags = NIOLockedValueBox<[CInt: CInt]>([:])

    /// Remembers the flags of descriptors 0 to 2 and fills gaps among them. Call first of all.
    ///
    /// A closed descriptor would otherwise be taken by the next `open`. Its stand-in is of the wrong direction for
    /// output, so that writing fails instead of vanishing, and empty for input.
    public static func takeOver() {
        for descriptor in STDIN_FILENO...STDERR_FILENO {
            let current = fcntl(descriptor, F_GETFL)
            if current >= 0 {
                self.flags.withLockedValue { $0[descriptor] = current }
            } else {
                _ = open("/dev/null", O_RDONLY)
            }
        }
    }

    /// Puts back the flags (`O_NONBLOCK`) of every descriptor. Call before each exit.
    public static func restore() {
        for descriptor in STDIN_FILENO...STDERR_FILENO { self.restore(descriptor) }
    }

    /// Puts back the flags of one descriptor, before it is closed.
    static func restore(_ descriptor: CInt) {
        let original = self.flags.withLockedValue { $0[descriptor] }
        guard let original, original & O_NONBLOCK == 0 else { return }
        let current = fcntl(descriptor, F_GETFL)
        if current >= 0, current & O_NONBLOCK != 0 { _ = fcntl(descriptor, F_SETFL, current & ~O_NONBLOCK) }
    }

    /// Closes `descriptor` but keeps its number taken.
    ///
    /// - Returns: what `close(2)` would have said: 0, or an `errno` such as `ENOSPC` from a network file system.
    static func release(_ descriptor: CInt) -> CInt {
        self.restore(descriptor)
        self.flags.withLockedValue { $0[descriptor] = nil }
        // A copy is closed first, since dup2(2) would drop the error. It leaves no moment in which another thread's `open`
        // could take the number.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return Glibc.close(descriptor) == 0 ? 0 : errno }
        let result = Glibc.close(copy) == 0 ? 0 : errno
        let standIn = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard standIn >= 0, dup2(standIn, descriptor) >= 0 else {
            _ = Glibc.close(descriptor)
            return result
        }
        _ = Glibc.close(standIn)
        return result
    }
}
