import Foundation
import TestSupport

extension Damage {
    /// What may lie in the place of a file or a folder.
    enum Node: String, CaseIterable, Sendable {
        case linkToFile, linkToFolder, linkToManifest, linkToNothing, linkIntoVictim, linkToItself, linkToZeros, linkToFullDevice
        case linkToDestination, hardLink, pipe, socket, device, folder, fullFolder, emptyFile, largeFile, half, unreadable

        /// - Parameter url: Where nothing lies any more, but for `half` and `unreadable`.
        func make(at url: URL, victims: URL) throws {
            let files = FileManager.default
            func link(_ target: String) throws { try files.createSymbolicLink(atPath: url.path, withDestinationPath: target) }
            func node(_ type: mode_t, _ device: dev_t = 0) throws {
                if mknod(url.path, type | 0o644, device) != 0 { throw CocoaError(.fileWriteUnknown) }
            }
            switch self {
            case .linkToFile: try link(victims.appendingPathComponent("file.txt").path)
            case .linkToFolder: try link(victims.appendingPathComponent("folder").path)
            case .linkToManifest: try link(victims.appendingPathComponent("manifest.json").path)
            case .linkToNothing: try link("/nonexistent/x")
            case .linkIntoVictim: try link(victims.appendingPathComponent("new.txt").path)
            case .linkToItself: try link(url.path)
            case .linkToZeros: try link("/dev/zero")
            case .linkToFullDevice: try link("/dev/full")
            case .linkToDestination: try link(victims.deletingLastPathComponent().appendingPathComponent("out").path)
            case .hardLink:
                try files.linkItem(atPath: victims.appendingPathComponent("file.txt").path, toPath: url.path)
            case .pipe: try node(S_IFIFO)
            case .socket: try node(S_IFSOCK)
            // /dev/zero; it takes root.
            case .device: try node(S_IFCHR, 1 << 8 | 5)
            case .folder: try files.createDirectory(at: url, withIntermediateDirectories: false)
            case .fullFolder:
                try files.createDirectory(at: url.appendingPathComponent("deep/er"), withIntermediateDirectories: true)
                try Data("inner".utf8).write(to: url.appendingPathComponent("deep/er/inner"))
                try files.createSymbolicLink(atPath: url.appendingPathComponent("link").path, withDestinationPath: victims.path)
            case .emptyFile: try Data().write(to: url)
            case .largeFile:
                try Data().write(to: url)
                try FileHandle(forWritingTo: url).truncate(atOffset: 8 << 30)
            case .half:
                let content = try Data(contentsOf: url)
                try content.prefix(content.count / 2).write(to: url)
            case .unreadable: try files.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
            }
        }

        /// Whether it is a file that could be the destination's own.
        var isFile: Bool { keepsWhatIsThere || self == .emptyFile || self == .largeFile }

        var keepsWhatIsThere: Bool { self == .half || self == .unreadable }
    }

    static func node(_ random: inout SeededRandom, _ scene: HostileDestination) throws -> Damage? {
        let place = random.pick(Place.all(key: scene.key(&random), run: scene.run))
        let node = random.pick(Node.allCases)
        let url = scene.destination.appendingPathComponent(place.path)
        let isThere = scene.isThere(url)
        guard scene.isInside(url.deletingLastPathComponent()), !node.keepsWhatIsThere || scene.isFile(url) else { return nil }
        if !node.keepsWhatIsThere { try? FileManager.default.removeItem(at: url) }
        do { try node.make(at: url, victims: scene.victims) } catch { return isThere ? Damage(name: "\(place.path) removed") : nil }
        let isStaged = place.path.hasPrefix("_agentsight/staging/") || place.path.hasPrefix("_agentsight/lock")
        return Damage(name: "\(place.path): \(node.rawValue)", stays: place.isStrange, staysIdle: isStaged && !node.isFile)
    }
}
