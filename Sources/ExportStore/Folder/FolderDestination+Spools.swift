public import ExportCore
import SystemPackage

extension FolderDestination {
    private static let spoolName: FileName = "spool"

    /// The folder with the rows of windows in progress. `nil` if it does not exist.
    private func spools() throws -> Folder? { try state()?.folder(Self.spoolName) }

    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        let spools = try makeState().makeFolder(Self.spoolName)
        return try Spool(
            creating: .init(window.key, in: spools), in: spools,
            for: SpoolOrigin(fingerprint: fingerprint, range: window.range, now: .now))
    }

    public func spooled(_ window: Window, fingerprint: String) throws -> SpooledWindow? {
        guard let spools = try spools() else { return nil }
        return try SpooledWindow(
            .init(window.key, in: spools), in: spools,
            for: SpoolOrigin(fingerprint: fingerprint, range: window.range, now: .now))
    }

    func removeSpool(of key: String) throws {
        guard let spools = try spools() else { return }
        try spools.remove(.init(key, in: spools))
    }

    public func removeSpools(of share: Share) throws {
        guard share != .whole else { return try state()?.removeAll(Self.spoolName) ?? () }
        guard let spools = try spools() else { return }
        for name in try spools.names() where share.covers(name.string) { try spools.remove(name) }
    }

    /// The names of all spools.
    func spoolNames() throws -> [FileName] { try spools()?.names() ?? [] }

    /// Removes spools that no run will continue from, and the folder if none is left and no other run may be about to use it.
    func removeExpiredSpools(of share: Share) throws {
        guard let spools = try spools() else { return }
        let names = try spools.names().filter { share.covers($0.string) }
        let outlived = try names.filter { try SpooledWindow.isExpired($0, in: spools, now: .now) }
        for name in outlived { try spools.remove(name) }
        if share == .whole, outlived.count == names.count { try state()?.remove(Self.spoolName) }
    }
}
