public import SystemPackage

/// An error of reading or writing a destination.
public enum StoreError: Error, Sendable, Hashable {
    /// A system call failed on a path.
    case system(Action, path: String, Errno)
    /// The system denied this user access.
    case denied(Action, path: String, DeniedAccess)
    /// An object in the destination is not of the kind that the exporter expects there. It was left unchanged.
    case obstructed(FileKind, path: String)
    /// A path in a file of the destination leads outside it.
    case outside(path: String)
    /// The destination exists, but is not a folder.
    case notAFolder(path: String)
    /// The destination has windows of another length.
    case otherWindows(path: String, key: String)
    /// The path of a dump's file is a folder.
    case aFolder(path: String)
    /// The path of a file is a device or a pipe.
    case notAFile(path: String)
    /// The folder of a dump's file does not exist.
    case noFolder(path: String)
    /// `columns.json` exists, but is damaged.
    case unreadableColumns(path: String)
    /// A state file has a format that this version does not know.
    case newerFormat(path: String, Int)
    /// A state file would exceed the size up to which it can be read.
    case stateTooLarge(limit: Int)
    /// A file of a window was changed.
    case changed(path: String)
    /// Another run holds the destination. `holder` is that run's description of itself.
    case locked(path: String, holder: String?)
    /// The destination has the windows of another pipeline.
    case otherPipeline(path: String, name: String)
    /// The destination has the conversations of an agent other than the key's, both given by number. `agent`: its name, if the pipeline has
    /// several.
    case otherAgent(path: String, agent: String?, number: Int64, key: Int64)
    /// The destination has rows, but the service does not show which agent the key belongs to.
    case unknownAgent(path: String, agent: String?)
    /// A run of another declaration is working on another share of the destination, which has no window yet that would show its owner.
    case otherRun(path: String, pipeline: String, every: String)
    /// A request to an object store failed.
    case objectStore(ObjectStoreFault, path: String)
    /// The run lost the lock of its destination, and has stopped without further changes.
    case lockLost(path: String)

    /// The action that the system refused.
    public enum Action: String, Sendable, Hashable {
        case create, open, read, write, sync, rename, remove, lock
        case look = "look at"
    }
}

extension StoreError {
    /// Whether the system denied this user access.
    var isDenied: Bool {
        switch self {
        case .denied, .system(_, _, .permissionDenied), .system(_, _, .notPermitted): true
        default: false
        }
    }

    /// Whether the reader of standard output has closed it.
    public var isBrokenPipe: Bool {
        self == .system(.write, path: StreamName.standardOutput, .brokenPipe)
    }
}

extension StoreError {
    /// Whether the destination was refused because it belongs to another declaration.
    package var isOfOtherDeclaration: Bool {
        switch self {
        case .otherPipeline, .otherWindows, .otherAgent, .unknownAgent: true
        default: false
        }
    }
}

extension StoreError {
    /// The error of a failed system call on a path, with the owner of the path if access was denied.
    static func failed(_ action: Action, path: String, _ error: Errno) -> StoreError {
        guard [.permissionDenied, .notPermitted].contains(error), let denied = DeniedAccess(action, FilePath(path)) else {
            return .system(action, path: path, error)
        }
        return .denied(action, path: path, denied)
    }

    /// Why a file cannot be read, for messages that already name it.
    package var reason: String {
        switch self {
        case .system(_, _, let reason): "\(reason)"
        case .denied: "\(Errno.permissionDenied)"
        case .obstructed(let kind, _): "it is \(kind.words)"
        case .outside: "it is not a path below the destination"
        default: description
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// A message with the problem and what to do next.
    public var description: String {
        switch self {
        case .system(let action, let path, let error):
            "cannot \(action.rawValue) \(path): \(error). \(Self.remedy(error))"
        case .denied(let action, let path, let denied):
            """
            cannot \(action.rawValue) \(path): \(Errno.permissionDenied). \(denied.isFolder ? "The folder \(denied.path)" : denied.path) \
            belongs to user \(denied.user) and group \(denied.group), with mode \(Self.octal(denied.mode)). \(Self.remedy(denied))
            """
        case .obstructed(let kind, let path):
            "\(path) is \(kind.words). It was not changed: \(kind.remedy)"
        case .outside(let path):
            "\(path) is not a path below the destination, so it was neither read nor written. `verify` shows which file names it."
        case .notAFolder(let path):
            "the destination \(path) is a file. Give a folder, or a path that does not exist yet."
        case .otherWindows(let path, let key):
            """
            \(path) holds windows of another length (\(key)), so rows would be exported twice. Use another destination, or \
            restore the old value of window.every.
            """
        case .aFolder(let path):
            "\(path) is a folder. Give the name of a file."
        case .notAFile(let path):
            "\(path) is a device or a pipe, which a file would replace. Give the name of a file."
        case .noFolder(let path):
            "the folder \(path) does not exist. Create it first, or give another path."
        case .unreadableColumns(let path):
            """
            \(path) cannot be read. It determines the columns of files, so nothing was written: restore it from a copy, or remove \
            it to start with new columns.
            """
        case .newerFormat(let path, let format):
            """
            \(path) was written by a newer version of agentsight-export (format \(format)) and was not changed. Upgrade \
            agentsight-export, or use another destination.
            """
        case .stateTooLarge(let limit):
            """
            a file of _agentsight would exceed the limit of \(limit >> 20) MiB, so it was not written. Use fewer outputs or \
            columns.
            """
        case .changed(let path):
            "\(path) has been changed by something else. `verify` shows what is wrong; --force exports its window again."
        case .locked(let path, let holder):
            "another run is writing to \(path)\(holder.map { ": \($0)" } ?? ""). Try again after it has ended."
        case .otherPipeline(let path, let name):
            """
            \(path) belongs to the pipeline “\(name)”. Two pipelines cannot share a destination: use another destination. If \
            this pipeline was renamed, `run --adopt` takes the destination over.
            """
        case .otherAgent(let path, let agent, let number, let key):
            """
            \(agent.map { "agent \($0): " } ?? "")\(path) holds conversations of agent \(number), but the key belongs to agent \(key). \
            Nothing was written. Use the key of agent \(number), or another destination.
            """
        case .unknownAgent(let path, let agent):
            """
            \(agent.map { "agent \($0): " } ?? "")\(path) holds conversations, but the service does not show whose key this is: it has no \
            /api/me/ and lists no conversation. Nothing was written. Check the key with `probe`.
            """
        case .otherRun(let path, let pipeline, let every):
            """
            a run of the pipeline “\(pipeline)”, with window.every: \(every), is writing to \(path). Pipelines that differ in \
            name or window.every cannot share a destination: use another destination.
            """
        case .objectStore(let fault, let path):
            "\(path): \(fault)"
        case .lockLost(let path):
            """
            this run no longer holds \(path): its lock was not renewed in time, or another run has taken it over. It stopped \
            before the next commit. Run again: committed windows stay.
            """
        }
    }

    private static func remedy(_ denied: DeniedAccess) -> String {
        guard !denied.isOwn else { return "This user owns it: allow access with chmod u+rwX, or use another destination." }
        return """
            Run as that user, or give a group of both users write access: chgrp -R GROUP and chmod -R g+rwX on the destination, \
            chmod g+s on its folders, and umask 002 before each run.
            """
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func remedy(_ error: Errno) -> String {
        switch error {
        case .noSpace, .diskQuotaExceeded: "Free space and run again: committed windows stay."
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: "Use a destination that this user may write to."
        case .noSuchFileOrDirectory: "Check the path."
        default: "Remove the cause and run again: committed windows stay."
        }
    }
}

extension FileKind {
    fileprivate var words: String {
        switch self {
        case .file: "a file, but must be a folder"
        case .folder: "a folder, but must be a file"
        case .link: "a symbolic link, which is not followed inside a destination"
        case .pipe: "a pipe, but must be a file"
        case .socket: "a socket, but must be a file"
        case .device: "a device, but must be a file"
        case .hardLink: "a file with a second name (a hard link), which would be changed too"
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .link: "replace it by its target, or remove the link."
        case .file, .folder, .pipe, .socket, .device, .hardLink: "move or remove it, and run again."
        }
    }
}
