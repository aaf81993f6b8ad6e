public import ExportCore
import SystemPackage

extension FolderDestination {
    var spools: FilePath { state.appending("spool") }

    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try FileSystem.makeFolders(spools)
        return try Spool(
            creating: spools.appending(window.key), for: SpoolOrigin(fingerprint: fingerprint, range: window.range, now: .now))
    }

    public func spooled(_ window: Window, fingerprint: String) throws -> SpooledWindow? {
        try SpooledWindow(
            spools.appending(window.key), for: SpoolOrigin(fingerprint: fingerprint, range: window.range, now: .now))
    }

    func removeSpool(of key: String) throws {
        try FileSystem.remove(spools.appending(key))
    }

    public func removeSpools(of share: Share) throws {
        guard share != .whole else { return try FileSystem.removeAll(spools) }
        for key in try FileSystem.names(in: spools) where share.covers(key) { try removeSpool(of: key) }
    }

    /// Removes spools that no run will take over, and the folder where none is left and no other run may be about to use it.
    func removeOutlivedSpools(of share: Share) throws {
        let names = try FileSystem.names(in: spools).filter(share.covers)
        let outlived = try names.filter { try SpooledWindow.isOutlived(spools.appending($0), now: .now) }
        for name in outlived { try removeSpool(of: name) }
        if share == .whole, outlived.count == names.count { try FileSystem.remove(spools) }
    }
}
