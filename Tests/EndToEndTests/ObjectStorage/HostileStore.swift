import Foundation
import SampleAPI
import Subprocess
import SystemPackage
import Testing

/// A destination in a store that lies, beside objects and uploads that belong to others.
struct HostileStore: Sendable {
    let folder: TemporaryFolder
    let endpoint: String
    let storeEndpoint: String
    let store: MockStore
    /// What a folder holds of the same pipeline, which is also what the bucket is to hold.
    let files: [String: Data]

    static let prefix = "a b/x"
    static let place = ["--set", "destination=s3://bucket/\(prefix)"]
    /// Each of them begins with a part of the prefix, or with the prefix and no slash.
    static let others = [
        "a", "a b/", "a b/X/json/2026-W13.ndjson", "a b/victim", "a b/x", "a b/x\u{301}/y", "a b/x2/y", "z/kept.csv",
    ]

    /// Two weeks, of each a file in NDJSON and one in CSV.
    static let pipeline = """
        version: 1
        name: weeks
        window: { from: 2026-03-23, to: 2026-04-06, every: week }
        destination: out
        outputs:
          - { compression: none, path: "json/{window}.ndjson" }
          - { format: csv, columns: [id, started_at, name], path: "csv/{window}.csv.gz" }
        """

    /// - Parameter pipeline: Its file is `p.yml`.
    static func with(
        pipeline: String = pipeline, dataset: SampleDataset = SampleDataset(rows: 300, seed: 1),
        _ body: (HostileStore) async throws -> Void
    ) async throws {
        try await withSampleService(dataset: dataset) { endpoint, _ in
            try await MockStore.with { storeEndpoint, store in
                try await TemporaryFolder.with { folder in
                    try folder.write(pipeline, to: "p.yml")
                    let local = try await Command.run("run", "-q", "p.yml", in: folder, endpoint: endpoint)
                    #expect(local.status == 0, "\(local.testDescription)")
                    let bench = HostileStore(
                        folder: folder, endpoint: endpoint, storeEndpoint: storeEndpoint, store: store,
                        files: try folder.files(below: "out"))
                    bench.plant()
                    try await body(bench)
                }
            }
        }
    }

    /// Puts there what belongs to others.
    func plant() {
        store.withState { state in
            for key in Self.others { state.objects[key] = .init(content: Array("of others".utf8), etag: "\"o\"") }
            for (number, key) in Self.others.enumerated() { state.uploads["other-\(number)"] = .init(key: key) }
        }
    }

    /// What hangs is killed, and ends with 137.
    func run(_ arguments: String..., seconds: Int = 120, place: [String] = Self.place) async throws -> Command.Outcome {
        try await Command.run(
            FilePath("/usr/bin/timeout"), ["-s", "KILL", "\(seconds)", Command.binary.string] + arguments + place, in: folder,
            endpoint: endpoint, key: Sample.key,
            environment: environment)
    }

    /// With the most memory that it took, in MiB.
    func runMeasured(_ arguments: String...) async throws -> (outcome: Command.Outcome, peak: Int) {
        try await Command.runMeasured(arguments + Self.place, in: folder, endpoint: endpoint, environment: environment)
    }

    private var environment: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_SESSION_TOKEN": "t0k3n",
            "AWS_ENDPOINT_URL_S3": storeEndpoint,
        ]
    }

    var bucket: [String: Data] { store.files(below: Self.prefix) }

    var manifests: [String] { bucket.keys.filter { $0.hasPrefix("_agentsight/windows/") }.sorted() }

    /// Nothing was asked of the store that changes what is not the destination's, and it is there as it was.
    func expectOthersUntouched(_ comment: Comment) {
        let touched = store.calls.filter { !["GET", "HEAD"].contains($0.method) && !$0.key.hasPrefix("\(Self.prefix)/") }
        #expect(touched.map { "\($0.method) \($0.key)" } == [], comment)
        store.withState { state in
            for key in Self.others {
                #expect(state.objects[key].map { String(decoding: $0.content, as: UTF8.self) } == "of others", comment)
            }
            #expect(state.uploads.count { $0.key.hasPrefix("other-") } == Self.others.count, comment)
        }
    }

    /// All windows have a manifest, and what it names stands there with its bytes.
    func expectWhole(_ comment: Comment) {
        let (mine, theirs) = (bucket, files)
        for (path, content) in theirs where !path.hasPrefix("_agentsight/") {
            #expect(mine[path] == content, "\(path): \(comment)")
        }
        #expect(manifests == theirs.keys.filter { $0.hasPrefix("_agentsight/windows/") }.sorted(), comment)
    }

    /// Where a manifest stands, what it names stands there, too, with its size.
    func expectConsistent(_ comment: Comment) throws {
        let files = bucket
        for path in manifests {
            // One that the store itself has cut is no manifest to any reader.
            let manifest = try? JSONSerialization.jsonObject(with: files[path] ?? Data()) as? [String: Any]
            for file in manifest?["files"] as? [[String: Any]] ?? [] {
                let name = try #require(file["path"] as? String, comment)
                #expect(files[name]?.count == file["bytes"] as? Int, "\(path) names \(name): \(comment)")
            }
        }
    }
}
