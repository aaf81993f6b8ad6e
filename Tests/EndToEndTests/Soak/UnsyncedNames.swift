/// What of a destination may not be on the disk, of calls that went wrong too: an fsync that failed has lost what it was for, and a
/// later one does not bring it back.
struct UnsyncedNames {
    /// Files whose content is lost, by the path at which they are now.
    private var lostFiles: Set<String> = []
    /// Names that a failed fsync of their folder has lost, by the folder.
    private var lostNames: [String: Set<String>] = [:]
    /// Names that were changed since the last fsync of their folder.
    private var loose: [String: Set<String>] = [:]
    private(set) var faults: [String] = []

    /// Folders that something was done in.
    private var folders: Set<String> = [""]

    private static let windows = "_agentsight/windows"

    /// Goes through the calls of a process. A new process may bring a folder's names to the disk that another one has lost: it has
    /// read what is there.
    mutating func play(_ journal: SystemCallFault.Journal) {
        for (folder, names) in lostNames { loose[folder, default: []].formUnion(names) }
        lostNames = [:]
        for path in journal.calls.flatMap(\.paths) { folders.insert(Self.parent(of: path)) }
        for call in journal.calls {
            switch call.name {
            case "fsync" where call.isDone: loose[call.paths[0]] = nil
            case "fsync" where call.isFault: lose(call.paths[0])
            case "mkdir" where call.isDone: change(call.paths[0])
            case "unlink" where call.isDone:
                lostFiles.remove(call.paths[0])
                change(call.paths[0])
            case "rename" where call.isDone: rename(call.paths[0], call.paths[1])
            default: break
            }
        }
    }

    /// What a run that ended well has left in the air.
    mutating func end() {
        for path in lostFiles.sorted() where Self.counts(path) { faults.append("the content of \(path) is lost") }
        for (folder, names) in loose {
            for name in names.sorted() where Self.counts(name) {
                faults.append("\(name) is not on the disk: \(folder) was not synced")
            }
        }
    }

    private mutating func lose(_ path: String) {
        // A folder's own path is known by what was changed in it.
        if let names = loose.removeValue(forKey: path) {
            lostNames[path, default: []].formUnion(names)
        } else if !folders.contains(path) {
            lostFiles.insert(path)
        }
    }

    private mutating func rename(_ old: String, _ new: String) {
        let isLost = lostFiles.remove(old) != nil
        lostFiles.remove(new)
        if isLost {
            lostFiles.insert(new)
            faults.append("\(new) is put in place though its content is lost")
        }
        if Self.parent(of: new) == Self.windows {
            let key = new.dropFirst(Self.windows.count + 1).dropLast(5)
            for name in lostNames.values.joined() where name.contains(key) {
                faults.append("\(new) is put in place after the fsync for \(name) failed")
            }
        }
        change(old)
        change(new)
    }

    private mutating func change(_ path: String) {
        let folder = Self.parent(of: path)
        lostNames[folder]?.remove(path)
        loose[folder, default: []].insert(path)
    }

    /// Whether anything depends on it: on records of runs and on what is staged, nothing does.
    private static func counts(_ path: String) -> Bool {
        guard path.hasPrefix("_agentsight/") else { return true }
        return path.hasPrefix("\(windows)/") || path == "_agentsight/columns.json"
    }

    private static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
