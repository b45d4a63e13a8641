// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import Testing

@testable import Endpoints

@Suite("Kinds of descriptors")
struct DescriptorKindTests {
    @Test func bothEndsOfAPipeCanBePolled() throws {
        let (readEnd, writeEnd) = try openPipe()
        #expect(DescriptorKind(of: readEnd) == .pollable)
        #expect(DescriptorKind(of: writeEnd) == .pollable)
        _ = close(readEnd)
        _ = close(writeEnd)
    }

    @Test func aNamedPipeCanBePolled() throws {
        let folder = try TestFolder()
        #expect(mkfifo(folder.file("fifo"), 0o600) == 0)
        let descriptor = try openDescriptor(folder.file("fifo"), O_RDWR)
        #expect(DescriptorKind(of: descriptor) == .pollable)
        _ = close(descriptor)
    }

    @Test(arguments: Transport.allCases)
    func aSocketIsASocket(transport: Transport) throws {
        let (ours, theirs) = try transport.pair()
        #expect(DescriptorKind(of: ours) == .socket)
        _ = close(ours)
        _ = close(theirs)
    }

    @Test func aTerminalCanBePolled() throws {
        // The master's side is a terminal as well.
        let descriptor = try openDescriptor("/dev/ptmx", O_RDWR | O_NOCTTY)
        #expect(DescriptorKind(of: descriptor) == .pollable)
        _ = close(descriptor)
    }

    @Test(arguments: ["/dev/null", "/dev/zero", "/dev/full", "/", "/etc/passwd"])
    func whatEpollRefusesIsAFile(path: String) throws {
        let descriptor = try openDescriptor(path, O_RDONLY)
        #expect(DescriptorKind(of: descriptor) == .file)
        _ = close(descriptor)
    }

    @Test func aClosedDescriptorIsLeftToReadAndWrite() {
        #expect(DescriptorKind(of: -1) == .file)
    }
}
