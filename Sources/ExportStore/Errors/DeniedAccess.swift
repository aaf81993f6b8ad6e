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
    /// The file or folder that this user cannot access.
    public let path: String
    /// Whether it is a folder.
    public let isFolder: Bool
    /// The user id of its owner.
    public let user: UInt32
    /// The group id of the file or folder.
    public let group: UInt32
    /// The permissions of owner, group and others.
    public let mode: UInt32
    /// Whether this user owns it, and can change its permissions.
    public let isOwn: Bool

    /// Creates the record of a denied access.
    package init(path: String, isFolder: Bool, user: UInt32, group: UInt32, mode: UInt32, isOwn: Bool = false) {
        (self.path, self.isFolder, self.user, self.group, self.mode) = (path, isFolder, user, group, mode)
        self.isOwn = isOwn
    }

    /// Determines the file or folder that denied a call: the one that is read or written, or else the folder that would contain it.
    /// - Returns: `nil` if its status cannot be read.
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
