// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the kernel knows about this process: proc(5).
struct ProcessFigures: Equatable {
    var cpuSeconds: Double
    var threads: UInt64
    var virtualBytes: UInt64
    var residentBytes: UInt64
    /// Since the machine's start.
    var startSeconds: Double

    /// - Parameters:
    ///   - stat: `/proc/self/stat`.
    ///   - ticks: clock ticks in a second.
    ///   - pageBytes: the size of a page.
    init?(stat: String, ticks: Int, pageBytes: Int) {
        // The second field is the program's name in parentheses, in which everything may be.
        guard ticks > 0, let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
        func field(_ number: Int) -> UInt64? { fields.count > number - 3 ? UInt64(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
            let virtual = field(23), let pages = field(24)
        else { return nil }
        self.cpuSeconds = Double(user &+ system) / Double(ticks)
        self.threads = threads
        self.virtualBytes = virtual
        self.residentBytes = pages &* UInt64(clamping: pageBytes)
        self.startSeconds = Double(start) / Double(ticks)
    }

    /// This process, now.
    static func current() -> ProcessFigures? {
        guard let stat = SmallFile.read("/proc/self/stat") else { return nil }
        return ProcessFigures(stat: stat, ticks: sysconf(CInt(_SC_CLK_TCK)), pageBytes: sysconf(CInt(_SC_PAGESIZE)))
    }

    /// When the machine was started, in seconds since 1970.
    static var bootTime: Double {
        func seconds(_ clock: clockid_t) -> Double {
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME)
    }

    /// How many descriptors are open.
    static var openDescriptors: UInt64? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count: UInt64 = 0
        while readdir(directory) != nil { count += 1 }
        // Less "." and ".." and the directory's own.
        return count >= 3 ? count - 3 : 0
    }

    /// How many there may be.
    static var descriptorLimit: UInt64? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : nil
    }

    /// Under the names that Prometheus' own client libraries give them.
    static func write(to text: inout PrometheusText) {
        if let figures = Self.current() {
            text.begin("process_cpu_seconds_total", .counter, "User and system time used, in seconds.")
            text.add(figures.cpuSeconds)
            text.begin("process_resident_memory_bytes", .gauge, "Memory in use, in bytes.")
            text.add(figures.residentBytes)
            text.begin("process_virtual_memory_bytes", .gauge, "Address space in use, in bytes.")
            text.add(figures.virtualBytes)
            text.begin("process_threads", .gauge, "Threads.")
            text.add(figures.threads)
            text.begin("process_start_time_seconds", .gauge, "Start of the process, in seconds since 1970.")
            text.add(Self.bootTime + figures.startSeconds)
        }
        if let open = Self.openDescriptors {
            text.begin("process_open_fds", .gauge, "Open file descriptors.")
            text.add(open)
        }
        if let limit = Self.descriptorLimit {
            text.begin("process_max_fds", .gauge, "File descriptors that may be open.")
            text.add(limit)
        }
    }
}
