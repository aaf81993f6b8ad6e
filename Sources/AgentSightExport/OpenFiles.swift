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
}
