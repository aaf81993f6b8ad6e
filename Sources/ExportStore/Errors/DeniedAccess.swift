import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file or folder to which the system denied access, and its owner.
public struct DeniedAccess: Sendable, Hashable {
    /// The file or folder that is closed to this user.
    public let path: String
    /// Whether it is a folder.
    public let isFolder: Bool
    /// The id of its user.
    public let user: UInt32
    /// The id of its group.
    public let group: UInt32
    /// Read, write and execute of owner, group and others.
    public let mode: UInt32
    /// Whether it is this user's, who can allow it then.
    public let isOwn: Bool

    /// Creates the record of a refusal.
    package init(path: String, isFolder: Bool, user: UInt32, group: UInt32, mode: UInt32, isOwn: Bool = false) {
        (self.path, self.isFolder, self.user, self.group, self.mode) = (path, isFolder, user, group, mode)
        self.isOwn = isOwn
    }

    /// Looks at what a call was about: what is read or written, where it is there, else the folder that it would be in.
    /// - Returns: nil where nothing can be seen of it.
    init?(_ action: StoreError.Action, _ path: FilePath) {
        let isOfContent = [.open, .read, .write, .look, .lock].contains(action)
        let parent = path.removingLastComponent()
        let places = isOfContent ? [path, parent] : [parent]
        for place in places.map({ $0.isEmpty ? "." : $0 }) {
            guard let status = try? place.stat(followTargetSymlink: false) else { continue }
            self.init(
                path: place.string, isFolder: status.type == .directory, user: status.userID.rawValue,
                group: status.groupID.rawValue,
                mode: UInt32(status.permissions.rawValue), isOwn: status.userID.rawValue == geteuid())
            return
        }
        return nil
    }
}
