import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many files a process may have open at one time.
enum OpenFiles {
    /// Takes what the system allows: windows of many agents are spooled side by side, and shells begin with a thousand.
    static func allowAsManyAsPossible() {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Where it is refused, the first file too many says so.
        _ = setrlimit(resource, &limit)
    }

    /// The number of files that a command may have to open: three per network thread, connections, and some windows in progress.
    private static var fewest: Int { 64 + 3 * ProcessInfo.processInfo.activeProcessorCount }

    /// Refuses to begin where so few files may be opened that no run would come far: what serves the network ends the process then.
    /// - Throws: `CommandFailure`.
    static func checkRoom() throws {
        let fewest = fewest
        var files: [Int32] = []
        defer { for file in files { close(file) } }
        while files.count < fewest {
            let file = open("/", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else {
                guard errno == EMFILE || errno == ENFILE else { return }
                throw CommandFailure(
                    """
                    this process may open only \(files.count) more files, but needs \(fewest): raise the limit (`ulimit -n \
                    \(fewest + 16)` in the shell, or LimitNOFILE= of systemd).
                    """, .wrongCommand)
            }
            files.append(file)
        }
    }
}
