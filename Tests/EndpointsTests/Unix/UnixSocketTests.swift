// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import Testing

@testable import Endpoints

@Suite("Unix sockets")
struct UnixSocketTests {
    /// What is sent to a listener on `path` arrives there.
    private static func talk(over path: String) throws {
        let listener = try UnixSocket.listen(on: path)
        defer { _ = close(listener) }
        let client = try UnixSocket.connect(to: path)
        defer { _ = close(client) }
        let server = accept(listener, nil, nil)
        defer { _ = close(server) }
        #expect(write(client, "hi", 2) == 2)
        var bytes: [UInt8] = [0, 0]
        #expect(read(server, &bytes, 2) == 2)
        #expect(bytes == Array("hi".utf8))
    }

    private static func errno(_ body: () throws -> CInt) -> CInt? {
        do {
            _ = close(try body())
            return nil
        } catch {
            return (error as? IOError)?.errnoCode
        }
    }

    /// No other test, and no other run, has it.
    private static func abstractName(_ name: String) -> String { "@strait-tests-\(getpid())-\(name)" }

    @Test func bytesGoOverAPath() throws {
        let folder = try TestFolder()
        try Self.talk(over: folder.file("s"))
    }

    @Test func bytesGoOverAnAbstractName() throws {
        let name = Self.abstractName("talk")
        try Self.talk(over: name)
        // It vanishes with its listener.
        try Self.talk(over: name)
        var status = stat()
        #expect(lstat(name, &status) == -1)
    }

    @Test func namesThatBeginAlikeAreDifferent() throws {
        let name = Self.abstractName("prefix")
        let listener = try UnixSocket.listen(on: name)
        defer { _ = close(listener) }
        #expect(Self.errno { try UnixSocket.connect(to: name + "x") } == ECONNREFUSED)
        #expect(
            Self.errno { try UnixSocket.connect(to: String(name.dropLast())) } == ECONNREFUSED
        )
    }

    @Test func descriptorsAreClosedOnExec() throws {
        let folder = try TestFolder()
        let listener = try UnixSocket.listen(on: folder.file("s"))
        let client = try UnixSocket.connect(to: folder.file("s"))
        for descriptor in [listener, client] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            _ = close(descriptor)
        }
    }

    // MARK: Files in the way

    @Test func aSocketWhoseListenerHasGoneIsReplaced() throws {
        let folder = try TestFolder()
        _ = close(try UnixSocket.listen(on: folder.file("s")))
        try Self.talk(over: folder.file("s"))
    }

    @Test func aSocketWithAListenerIsNotReplacedAndNotDisturbed() throws {
        let folder = try TestFolder()
        let listener = try UnixSocket.listen(on: folder.file("s"))
        defer { _ = close(listener) }
        #expect(Self.errno { try UnixSocket.listen(on: folder.file("s")) } == EADDRINUSE)
        // The one that lives still answers, and nobody has knocked.
        #expect(fcntl(listener, F_SETFL, O_NONBLOCK) == 0)
        #expect(accept(listener, nil, nil) == -1)
        let client = try UnixSocket.connect(to: folder.file("s"))
        _ = close(client)
    }

    @Test func aSocketOfAnotherTypeIsNotReplaced() throws {
        let folder = try TestFolder()
        let path = folder.file("s")
        let datagrams = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        defer { _ = close(datagrams) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(datagrams, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        #expect(Self.errno { try UnixSocket.listen(on: path) } == EADDRINUSE)
    }

    @Test func aRegularFileIsNotReplaced() throws {
        let folder = try TestFolder()
        let path = try folder.write(buffer("keep"), to: "s")
        #expect(Self.errno { try UnixSocket.listen(on: path) } == EEXIST)
        #expect(try contents(of: path) == buffer("keep"))
    }

    @Test func aLinkIsNotReplaced() throws {
        let folder = try TestFolder()
        _ = close(try UnixSocket.listen(on: folder.file("old")))
        #expect(symlink(folder.file("old"), folder.file("s")) == 0)
        #expect(Self.errno { try UnixSocket.listen(on: folder.file("s")) } == EEXIST)
        var status = stat()
        #expect(lstat(folder.file("s"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func anAbstractNameThatIsTakenIsRefused() throws {
        let name = Self.abstractName("taken")
        let listener = try UnixSocket.listen(on: name)
        defer { _ = close(listener) }
        #expect(Self.errno { try UnixSocket.listen(on: name) } == EADDRINUSE)
    }

    @Test func theFileOfAListenerThatEndsIsRemoved() throws {
        let folder = try TestFolder()
        let listener = try UnixSocket.listen(on: folder.file("s"))
        SocketFile(folder.file("s"))?.remove()
        _ = close(listener)
        #expect(Self.errno { try UnixSocket.connect(to: folder.file("s")) } == ENOENT)
        // An abstract name has no file: a file of that name is another's.
        #expect(SocketFile("@s") == nil)
    }

    @Test func theFileOfASuccessorStays() throws {
        let folder = try TestFolder()
        let first = try UnixSocket.listen(on: folder.file("s"))
        let file = try #require(SocketFile(folder.file("s")))
        #expect(unlink(folder.file("s")) == 0)
        let second = try UnixSocket.listen(on: folder.file("s"))
        file.remove()
        _ = close(try UnixSocket.connect(to: folder.file("s")))
        _ = close(first)
        _ = close(second)
    }

    @Test func aFullQueueIsNotWaitedFor() throws {
        let folder = try TestFolder()
        let listener = try UnixSocket.listen(on: folder.file("s"))
        defer { _ = close(listener) }
        #expect(Glibc.listen(listener, 0) == 0)
        let client = try UnixSocket.connect(to: folder.file("s"))
        defer { _ = close(client) }
        #expect(Self.errno { try UnixSocket.connect(to: folder.file("s")) } == EAGAIN)
    }

    // MARK: Errors

    @Test func connectingSaysWhyItFailed() throws {
        let folder = try TestFolder()
        #expect(Self.errno { try UnixSocket.connect(to: folder.file("none")) } == ENOENT)
        _ = close(try UnixSocket.listen(on: folder.file("stale")))
        #expect(Self.errno { try UnixSocket.connect(to: folder.file("stale")) } == ECONNREFUSED)
        #expect(
            Self.errno { try UnixSocket.connect(to: Self.abstractName("none")) } == ECONNREFUSED
        )
        let file = try folder.write(ByteBuffer(), to: "file")
        #expect(Self.errno { try UnixSocket.connect(to: file) } == ECONNREFUSED)
    }

    @Test func listeningInAFolderThatDoesNotExistFails() {
        #expect(Self.errno { try UnixSocket.listen(on: "/no/such/folder/s") } == ENOENT)
    }

    @Test func thePathMayHave107Bytes() throws {
        let folder = try TestFolder()
        let room = 107 - folder.path.utf8.count - 1
        let longest = folder.file(String(repeating: "n", count: room))
        #expect(longest.utf8.count == 107)
        try Self.talk(over: longest)
        #expect(Self.errno { try UnixSocket.listen(on: longest + "n") } == ENAMETOOLONG)
        #expect(Self.errno { try UnixSocket.connect(to: longest + "n") } == ENAMETOOLONG)
    }

    @Test func theAbstractNameMayHave107BytesBehindTheAt() throws {
        let start = Self.abstractName("")
        let longest = start + String(repeating: "n", count: 108 - start.utf8.count)
        try Self.talk(over: longest)
        #expect(Self.errno { try UnixSocket.listen(on: longest + "n") } == ENAMETOOLONG)
    }
}
