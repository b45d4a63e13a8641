// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// One entry of OpenSSL's error queue. The queue is one for each thread and shared by all connections on it, so it is
/// cleared before a call and drained after one that failed (SSL_get_error(3)).
struct OpenSSLError: Equatable {
    /// As ERR_get_error(3) gives it.
    let code: UInt

    /// ERR_LIB_…
    var library: Int32 { ERR_GET_LIB(self.code) }

    /// SSL_R_…, PEM_R_…, or errno when `library` is ERR_LIB_SYS.
    var reason: Int32 { ERR_GET_REASON(self.code) }

    /// The alert that the peer sent, when this is one.
    var alert: TLSAlert? {
        guard self.library == ERR_LIB_SSL, self.reason >= SSL_AD_REASON_OFFSET, self.reason < SSL_AD_REASON_OFFSET + 256
        else { return nil }
        return TLSAlert(number: Int(self.reason - SSL_AD_REASON_OFFSET))
    }

    /// OpenSSL's words. Of `error:[code]:[library]::[reason]` the last part (ERR_error_string_n(3)).
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            ERR_error_string_n(self.code, start, buffer.count)
            let whole = String(cString: start)
            let parts = whole.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
            return printable(String(parts.last ?? "unknown error"))
        }
    }

    /// Empties the queue. Cheap when it is empty.
    static func clearQueue() {
        if ERR_peek_error() != 0 {
            ERR_clear_error()
        }
    }

    /// Takes all entries, oldest first: the first is the cause, the others are what it led to.
    static func drainQueue() -> [OpenSSLError] {
        var errors: [OpenSSLError] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return errors }
            errors.append(OpenSSLError(code: code))
        }
    }
}
