// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The target that the environment names.
private nonisolated(unsafe) let run: ([UInt8]) throws -> FuzzTarget.Verdict = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.named(name) else {
        fatalError("FUZZ_TARGET is one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    }
    do {
        return try target.prepare()
    } catch {
        fatalError("\(name): \(error)")
    }
}()

/// Called by libFuzzer with each input; a promise that is broken ends the process, which it takes for a crash.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    do {
        _ = try run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("broken: \(error)")
    }
    return 0
}

/// `Foundation.Process` keeps a weak reference for ever.
@_cdecl("__lsan_default_suppressions")
public func suppressions() -> UnsafePointer<CChar> {
    let list: StaticString = "leak:libFoundation.so\n"
    return UnsafeRawPointer(list.utf8Start).assumingMemoryBound(to: CChar.self)
}
