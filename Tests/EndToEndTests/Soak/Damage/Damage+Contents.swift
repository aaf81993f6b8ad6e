import Foundation
import TestSupport

extension Damage {
    /// A file with other content altogether.
    static func content(_ random: inout SeededRandom, _ scene: HostileDestination) throws -> Damage? {
        let place = random.pick(Place.all(key: scene.key(&random), run: scene.run))
        let content = random.pick(HostileValue.files)
        guard scene.write(content, to: place.path) else { return nil }
        return Damage(
            name: "\(place.path): \(content.count) bytes, \(String(decoding: content.prefix(20), as: UTF8.self).debugDescription)",
            stays: place.isStrange)
    }

    /// A value of a manifest, a record or the columns is another one, with the right checksum, a wrong one or none.
    static func value(_ random: inout SeededRandom, _ scene: HostileDestination) throws -> Damage? {
        let key = scene.key(&random)
        let manifest = "_agentsight/windows/\(key).json"
        let (source, target) = random.pick([
            (manifest, manifest), (manifest, manifest), (manifest, "_agentsight/staging/\(key)/manifest.json"),
            (manifest, "_agentsight/staging/2026-03-01/manifest.json"), ("_agentsight/columns.json", "_agentsight/columns.json"),
            ("_agentsight/columns.json", "_agentsight/staging/\(key)/columns.json"),
            ("_agentsight/runs/\(scene.run).json", "_agentsight/runs/\(scene.run).json"),
            (manifest, "_agentsight/windows/2026-03-01.json"), (manifest, "_agentsight/windows/\(scene.key(&random)).json"),
        ])
        let replacement = HostileValue.random(&random, victims: scene.victims.path)
        guard let content = scene.read(source), var text = StateText.replacingOne(of: content, by: replacement, &random) else {
            return nil
        }
        let isForged = random.below(4) > 0
        if isForged { text = StateText.sealed(text) }
        if target.contains("/staging/") {
            for index in 0..<random.below(3) { _ = scene.write(Array("staged".utf8), to: "_agentsight/staging/\(key)/\(index)") }
        }
        guard scene.write(Array(text.utf8), to: target) else { return nil }
        return Damage(
            name:
                "\(source) as \(target), a value of it \(replacement.prefix(60)), \(isForged ? "with the right checksum" : "unsealed")",
            isForged: isForged, stays: Place(target).isStrange || target.contains("2026-03-01"))
    }

    /// What a window's rows were spooled to says something else.
    static func spool(_ random: inout SeededRandom, _ scene: HostileDestination) throws -> Damage? {
        guard let name = scene.names(in: "_agentsight/spool").first, let content = scene.read("_agentsight/spool/\(name)") else {
            return nil
        }
        var bytes = Array(content)
        guard !bytes.isEmpty else { return nil }
        let what: String
        switch random.below(6) {
        case 0:
            let place = random.below(bytes.count)
            bytes[place] ^= UInt8(1 << random.below(8))
            what = "byte \(place) of \(bytes.count) flipped"
        case 1:
            bytes.removeLast(random.below(bytes.count))
            what = "cut to \(bytes.count)"
        case 2:
            bytes += bytes.suffix(random.below(bytes.count))
            what = "its end once more"
        case 3:
            bytes += (0..<1000).map { _ in UInt8(random.below(256)) }
            what = "noise behind it"
        default:
            // Bytes as they are: rows need not be text.
            let replacement = random.pick(HostileValue.numbers)
            let text = String(decoding: bytes, as: Unicode.ASCII.self)
            let members = text.matches(of: #/"[A-Za-z_]+":-?[0-9]+/#)
            guard let member = members.isEmpty ? nil : random.pick(members), let colon = member.output.firstIndex(of: ":") else {
                return nil
            }
            let start = text.utf8.distance(from: text.utf8.startIndex, to: colon) + 1
            let end = text.utf8.distance(from: text.utf8.startIndex, to: member.range.upperBound)
            guard text.utf8.count == bytes.count else { return nil }
            bytes.replaceSubrange(start..<end, with: replacement.utf8)
            what = "\(member.output) is \(replacement)"
        }
        let target = random.below(3) == 0 ? scene.key(&random) : name
        guard scene.write(bytes, to: "_agentsight/spool/\(target)") else { return nil }
        return Damage(name: "the spool \(name) as \(target): \(what)")
    }
}
