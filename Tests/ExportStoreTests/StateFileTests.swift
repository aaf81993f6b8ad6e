import ExportCore
import Foundation
import Testing

@testable import ExportStore

@Suite struct StateFileTests {
    private static let manifest = Manifest(
        pipeline: "p", fingerprint: "sha256:0", status: .proved,
        window: .init(Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 1)), paths: [])),
        query: ["device": "mobile"],
        proof: Proof(walk: "ranges", countBefore: 1, countAfter: 1, distinctIDs: 1, rounds: 1, repaired: 0), requests: 1, run: "r",
        committedAt: Instant(seconds: 2), version: "0", discoveredColumns: 3,
        files: [
            .init(
                path: "a", table: "conversations", format: "ndjson", rows: 1, bytes: 2, sha256: "x", contentSHA256: "y",
                encoder: "none", keys: .init(id: "id"))
        ])

    @Test("a state file is read back as it was written, with its checksum among its fields")
    func roundTrip() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        #expect(try StateFile.decode(Manifest.self, from: content) == Self.manifest)
        let object = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
        let checksum = try #require(object["checksum"] as? String)
        #expect(checksum.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
    }

    @Test("any changed byte of a state file is found, whatever it is changed to")
    func everyByte() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        for place in content.indices {
            for mask: UInt8 in [0x01, 0x02, 0x04, 0x10, 0x20, 0x80, 0xFF] {
                var changed = content
                changed[place] ^= mask
                #expect(throws: (any Error).self, "byte \(place) ^ \(mask)") { try StateFile.decode(Manifest.self, from: changed) }
            }
        }
    }

    @Test("a state file that is cut, or longer, is found")
    func everyLength() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        for length in 0..<content.count {
            #expect(throws: (any Error).self) { try StateFile.decode(Manifest.self, from: content.prefix(length)) }
        }
        for more in [" ", "\n", "}", "\0"] {
            #expect(throws: (any Error).self) { try StateFile.decode(Manifest.self, from: content + Data(more.utf8)) }
        }
    }

    @Test("a file of an older version, which has no checksum, is read; one whose checksum lost its name is not taken for it")
    func older() throws {
        let old = try JSONEncoder().encode(Self.manifest)
        #expect(try StateFile.decode(Manifest.self, from: old) == Self.manifest)
        let sealed = String(decoding: try StateFile.encode(Self.manifest), as: UTF8.self)
        let renamed = sealed.replacingOccurrences(of: #""checksum""#, with: #""checksun""#)
        #expect(throws: StateFile.Damaged.self) { try StateFile.decode(Manifest.self, from: Data(renamed.utf8)) }
    }
}
