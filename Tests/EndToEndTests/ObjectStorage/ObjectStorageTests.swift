import Foundation
import SampleAPI
import Synchronization
import SystemPackage
import Testing

/// An export to a bucket is the export to a folder, to the byte, whatever happens on the way.
@Suite struct ObjectStorageTests {
    // Few rows, and large ones: what is sent to the store is what matters.
    private static let dataset = SampleDataset(rows: 2400, seed: 1, days: 14, minimumRowBytes: 7000)
    private static let place = ["--set", "destination=s3://bucket/a b/x"]

    /// Of March a file of two parts, of April one that goes in one piece; and a small one of each.
    private static func pipeline(_ folder: String) -> String {
        """
        version: 1
        name: months
        window: { from: 2026-03-01, to: 2026-05-01, every: month }
        destination: out
        outputs:
          - { compression: none, path: "\(folder)/{window}+é.ndjson" }
          - { format: csv, path: "csv/{window}.csv.gz" }
        """
    }

    private struct Bench {
        let folder: TemporaryFolder
        let endpoint: String
        let storeEndpoint: String
        let store: MockStore

        private var environment: [String: String] {
            ["AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_ENDPOINT_URL_S3": storeEndpoint]
        }

        func run(_ arguments: String..., place: [String] = ObjectStorageTests.place) async throws -> Command.Outcome {
            try await Command.run(arguments + place, in: folder, endpoint: endpoint, key: Sample.key, environment: environment)
        }

        /// Begins a run that is sent a signal once a condition holds.
        func run(
            _ file: String, place: [String] = ObjectStorageTests.place, signal: Int32, when isTime: @escaping @Sendable () -> Bool
        ) async throws -> Command.Outcome {
            try await run(file, place: place, when: isTime) { kill($0, signal) }
        }

        /// - Parameter more: Variables beside those of the store.
        func run(
            _ file: String, place: [String] = ObjectStorageTests.place, more: [String: String] = [:],
            when isTime: @escaping @Sendable () -> Bool, interfere: (pid_t) async throws -> Void
        ) async throws -> Command.Outcome {
            try await Command.run(
                ["run", file] + place, in: folder, endpoint: endpoint, key: Sample.key,
                environment: environment.merging(more) { $1 }, when: isTime, interfere: interfere)
        }

        /// What a folder holds after these runs, one after the other: columns that one discovered are there for the next.
        func local(_ runs: [String]...) async throws -> [String: Data] {
            for run in runs {
                let outcome = try await Command.run(
                    ["run", "-q"] + run + ["--set", "destination=local"], in: folder, endpoint: endpoint, key: Sample.key)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
            return try folder.files(below: "local")
        }

        func bucket() -> [String: Data] { store.files(below: "a b/x") }

        struct Lock: Decodable {
            let holder: String
            let released: Bool
        }

        var locks: [String: Lock] {
            bucket().filter { $0.key.hasPrefix("_agentsight/lock") }.compactMapValues {
                try? JSONDecoder().decode(Lock.self, from: $0)
            }
        }

        /// The bucket holds what the folder holds, and nothing else but the runs' records.
        func expectSame(as files: [String: Data], _ comment: String) throws {
            let (mine, theirs) = (bucket(), files)
            let isData = { (file: (key: String, value: Data)) in !file.key.hasPrefix("_agentsight/") }
            #expect(mine.filter(isData) == theirs.filter(isData), "\(comment)")
            #expect(mine["_agentsight/columns.json"] == theirs["_agentsight/columns.json"], "\(comment)")
            let isWindow = { (path: String) in path.hasPrefix("_agentsight/windows/") }
            #expect(Set(mine.keys.filter(isWindow)) == Set(theirs.keys.filter(isWindow)), "\(comment)")
            let known =
                #/_agentsight\/(columns\.json|(windows|runs)\/[^\/]+\.json|digests\/[^\/]+\.digests|lock(\.shard-\d-of-4|\.columns)?\.\d{12})|[^_].*/#
            #expect(mine.keys.filter { $0.wholeMatch(of: known) == nil } == [], "\(comment)")
            // Of each lock its last record alone, given back.
            let names = Set(locks.keys.map { $0.dropLast(13) })
            #expect(locks.count == names.count && locks.values.allSatisfy(\.released), "\(comment): \(locks)")
            #expect(store.uploads == 0, "\(comment)")
        }

        /// No manifest speaks of files that are not those it names.
        func expectConsistent(_ comment: String) throws {
            let files = bucket()
            for (path, content) in files where path.hasPrefix("_agentsight/windows/") {
                let manifest = try JSONSerialization.jsonObject(with: content) as? [String: Any]
                for file in manifest?["files"] as? [[String: Any]] ?? [] {
                    let name = try #require(file["path"] as? String)
                    #expect(files[name]?.count == file["bytes"] as? Int, "\(comment): \(path) names \(name)")
                }
            }
        }
    }

    /// With what a folder holds of the same pipeline.
    private func withBench(_ body: (Bench, [String: Data]) async throws -> Void) async throws {
        try await withSampleService(dataset: Self.dataset) { endpoint, _ in
            try await MockStore.with { storeEndpoint, store in
                try await TemporaryFolder.with { folder in
                    let bench = Bench(folder: folder, endpoint: endpoint, storeEndpoint: storeEndpoint, store: store)
                    try folder.write(Self.pipeline("json"), to: "p.yml")
                    try await body(bench, bench.local(["p.yml"]))
                }
            }
        }
    }

    @Test("run, plan, verify and status work on a bucket, with the bytes of a folder; a second run writes nothing")
    func same() async throws {
        try await withBench { bench, files in
            #expect(try await bench.run("status", "p.yml").status == 2)
            let first = try await bench.run("run", "p.yml")
            #expect(first.status == 0, "\(first.testDescription)")
            try bench.expectSame(as: files, "first")
            #expect(bench.store.calls.count { $0.kind == "part" } == 2)
            for command in ["verify", "status", "plan"] {
                let outcome = try await bench.run(command, "p.yml")
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
            let alone = try await bench.run("verify", "s3://bucket/a b/x", place: [])
            #expect(alone.status == 0 && alone.output.contains(": verified"), "\(alone.testDescription)")
            bench.store.reset()
            #expect(try await bench.run("run", "p.yml").status == 0)
            #expect(bench.store.calls.allSatisfy { ["GET", "HEAD"].contains($0.method) })
            // The first time, March gets the columns that it brought itself.
            #expect(try await bench.run("run", "--force", "p.yml").status == 0)
            bench.store.reset()
            #expect(try await bench.run("run", "--force", "p.yml").status == 0)
            #expect(!bench.store.calls.contains { $0.isOfManifest || $0.kind == "part" })
            #expect(!bench.bucket().values.contains { String(decoding: $0, as: UTF8.self).contains("s3cr3t") })
        }
    }

    @Test("an idle run over 100 windows asks for each manifest once, and writes nothing")
    func looks() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 20)) { endpoint, service in
            try await MockStore.with { storeEndpoint, store in
                try await TemporaryFolder.with { folder in
                    let bench = Bench(folder: folder, endpoint: endpoint, storeEndpoint: storeEndpoint, store: store)
                    try folder.write(
                        "{ version: 1, name: days, window: { from: 2026-03-01, to: 2026-06-09, every: day }, destination: out }",
                        to: "p.yml")
                    let first = try await bench.run("run", "p.yml")
                    #expect(first.status == 0, "\(first.testDescription)")
                    let requests = service.statistics.requests
                    store.reset()
                    let idle = try await bench.run("run", "p.yml")
                    #expect(
                        idle.status == 0 && idle.errors.contains("nothing to do: 100 windows committed"), "\(idle.testDescription)")
                    let gets = store.calls.filter { $0.kind == "get" && $0.key.contains("/_agentsight/windows/") }
                    #expect(gets.count == 100 && Set(gets.map(\.key)).count == 100)
                    #expect(store.calls.allSatisfy { ["GET", "HEAD"].contains($0.method) })
                    #expect(service.statistics.requests == requests)
                }
            }
        }
    }

    @Test(
        "whatever a store does wrong once with each kind of request, the export is exact",
        arguments: [
            ("500", StoreFault.status(500, "InternalError")), ("503 SlowDown", .status(503, "SlowDown")),
            ("a cut upload", .reset), ("a lost answer", .lostAnswer),
        ])
    func faults(name: String, fault: StoreFault) async throws {
        try await withBench { bench, files in
            let met = Mutex<Set<String>>([])
            bench.store.reset { call in
                met.withLock { $0.insert("\(call.kind) \(call.key.suffix(5))").inserted } ? fault : nil
            }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 0, "\(name): \(outcome.testDescription)")
            try bench.expectSame(as: files, name)
        }
    }

    @Test(
        "a store that stays away ends the run with 75, and what is committed stays, to the byte",
        arguments: [[], ["2026-03"]] as [[String]])
    func gone(committed: [String]) async throws {
        try await withBench { bench, files in
            let manifests = Mutex(0)
            bench.store.reset { call in
                let number = manifests.withLock { number in
                    if call.isOfManifest { number += 1 }
                    return number
                }
                return number > committed.count ? .status(503, "SlowDown") : nil
            }
            let place = ["--set", "destination={url: 's3://bucket/a b/x', lease: 5s}"]
            let outcome = try await bench.run("run", "p.yml", place: place)
            #expect(outcome.status == 75 && outcome.errors.contains("SlowDown"), "\(outcome.testDescription)")
            let left = bench.bucket()
            let windows = left.keys.compactMap { $0.firstMatch(of: /_agentsight\/windows\/(.*)\.json/)?.1 }.map(String.init)
            #expect(windows == committed)
            try bench.expectConsistent("gone")
            for month in committed {
                let data = files.filter { $0.key.contains(month) && !$0.key.hasPrefix("_agentsight/") }
                #expect(data.count == 2)
                // The table has its last columns when a run ends.
                for (path, content) in data where path.hasSuffix(".ndjson") { #expect(left[path] == content, "\(path)") }
            }
            bench.store.reset(age: 100)
            #expect(try await bench.run("run", "p.yml").status == 0)
            try bench.expectSame(as: files, "gone")
        }
    }

    @Test(
        """
        kill -9 at any request of a commit, over an export of another shape, leaves nothing half new; the next run is exact. Where outputs \
        alone changed, it asks nothing of the service
        """, arguments: [false, true])
    func deaths(isRendered: Bool) async throws {
        try await withBench { bench, _ in
            let filters = isRendered ? "" : "\nfilters: { is_marked: false }"
            try bench.folder.write(Self.pipeline("old") + filters, to: "old.yml")
            try bench.folder.remove("local")
            let files = try await bench.local(["old.yml"], ["p.yml"])
            #expect(try await bench.run("run", "old.yml").status == 0)
            let old = bench.store.withState { $0.objects }
            bench.store.reset()
            #expect(try await bench.run("run", "p.yml").status == 0)
            let requests = bench.store.calls
            // From the first part of a window to its manifest.
            let first = try #require(requests.first { $0.kind == "begin" }?.number)
            // Rendered: the rows are copied, which is a commit of its own, and each commit leaves a manifest of what stands meanwhile.
            let last = try #require(requests.filter(\.isOfManifest).dropFirst(isRendered ? 3 : 0).first?.number)
            let nowhere = isRendered ? ["--set", "source.endpoint=http://127.0.0.1:9"] : []
            for point in first...last {
                bench.store.withState { $0.objects = old }
                let isTime = Mutex(false)
                bench.store.reset { call in
                    guard call.number >= point else { return nil }
                    isTime.withLock { $0 = true }
                    // Whoever asks is dead before there is an answer; every second time it is heard all the same.
                    return .after { while !Task.isCancelled { try await Task.sleep(for: .milliseconds(50)) } }
                }
                let killed = try await bench.run("p.yml", signal: SIGKILL) { isTime.withLock(\.self) }
                let name = "at \(requests[point].kind) \(requests[point].key)"
                #expect(killed.status == 137, "\(name): \(killed.testDescription)")
                try bench.expectConsistent(name)
                bench.store.reset(age: 100)
                let next = try await bench.run("run", "p.yml", place: Self.place + nowhere)
                #expect(next.status == 0, "\(name): \(next.testDescription)")
                try bench.expectSame(as: files, name)
            }
        }
    }

    @Test("SIGTERM between parts ends in order: 143, the lock given back, no upload")
    func interrupted() async throws {
        try await withBench { bench, files in
            let isTime = Mutex(false)
            bench.store.reset { call in
                guard call.kind == "part" else { return nil }
                isTime.withLock { $0 = true }
                return .after { try await Task.sleep(for: .seconds(60)) }
            }
            let outcome = try await bench.run("p.yml", signal: SIGTERM) { isTime.withLock(\.self) }
            #expect(outcome.status == 143, "\(outcome.testDescription)")
            #expect(bench.bucket().count == 1 && bench.locks.values.allSatisfy(\.released) && bench.store.uploads == 0)
            bench.store.reset()
            #expect(try await bench.run("run", "p.yml").status == 0)
            try bench.expectSame(as: files, "interrupted")
        }
    }

    @Test("a second run, and verify, are refused with the holder named; a dead run's lock is taken over when its lease has passed")
    func twoAtOnce() async throws {
        try await withBench { bench, _ in
            #expect(try await bench.run("run", "p.yml").status == 0)
            bench.store.withState { state in
                let record =
                    #"{"format":1,"holder":"process 1 on a","token":"t","lease_seconds":60,"renewals":0,"released":false,"#
                    + #""expires_at":"2026-01-01T00:00:00Z"}"#
                state.objects["a b/x/_agentsight/lock.000000000100"] = .init(content: Array(record.utf8), etag: "\"l\"")
            }
            for command in ["run", "verify"] {
                let refused = try await bench.run(command, "p.yml", place: Self.place + (command == "run" ? ["--force"] : []))
                #expect(refused.status == 75, "\(refused.testDescription)")
                #expect(
                    refused.errors.contains("another run is writing to s3://bucket/a b/x: process 1 on a"),
                    "\(refused.testDescription)")
            }
            bench.store.reset(age: 100)
            #expect(try await bench.run("run", "--force", "p.yml").status == 0)
            try await bench.expectSame(as: bench.local(["--force", "p.yml"]), "taken over")
        }
    }

    @Test("four runs of parts at once, one of them killed and started again, make what a single run makes in a folder")
    func shards() async throws {
        try await withBench { bench, _ in
            try bench.folder.write(
                """
                version: 1
                name: weeks
                window: { from: 2026-03-01, to: 2026-05-01, every: week }
                destination: out
                outputs: [{ format: csv }, { table: messages, format: csv }]
                """, to: "w.yml")
            let single = try await Command.run("run", "-q", "w.yml", in: bench.folder, endpoint: bench.endpoint)
            #expect(single.status == 0, "\(single.testDescription)")
            let files = try bench.folder.files(below: "out")
            let manifests = Counter()
            bench.store.reset { call in
                if call.isOfManifest { manifests.increment() }
                return nil
            }
            let outcomes = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for shard in 0..<3 { group.addTask { try await bench.run("run", "w.yml", "--shard", "\(shard)/4") } }
                group.addTask {
                    try await bench.run("w.yml", place: Self.place + ["--shard", "3/4"], signal: SIGKILL) {
                        manifests.count >= 1
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.map(\.status).sorted() == [0, 0, 0, 128 + SIGKILL], "\(outcomes.map(\.testDescription))")
            // The lease of the one that died has passed.
            bench.store.reset(age: 100)
            let again = try await bench.run("run", "w.yml", "--shard", "3/4")
            #expect(again.status == 0, "\(again.testDescription)")
            try bench.expectSame(as: files, "shards")
            let verified = try await bench.run("verify", "w.yml")
            #expect(verified.status == 0, "\(verified.testDescription)")
        }
    }

    @Test(
        "a run whose windows overlap with those of a part at work is refused; a part that died is taken over when its lease has passed"
    )
    func overlapping() async throws {
        try await withBench { bench, files in
            // The months of the pipeline, by their shards of two.
            let place = "a b/x/_agentsight/lock.shard-0-of-2.000000000007"
            let record =
                #"{"format":1,"holder":"process 1 on a","token":"t","lease_seconds":60,"renewals":0,"released":false,"#
                + #""expires_at":"2026-01-01T00:00:00Z"}"#
            bench.store.withState { $0.objects[place] = .init(content: Array(record.utf8), etag: "\"l\"") }
            for arguments in [[], ["--shard", "0/2"], ["--shard", "1/3"]] {
                let refused = try await bench.run("run", "p.yml", place: Self.place + arguments)
                #expect(refused.status == 75, "\(refused.testDescription)")
                #expect(refused.errors.contains("another run is writing to s3://bucket/a b/x: process 1 on a"), "\(refused.errors)")
            }
            // One of another declaration is not let in beside it, where nothing stands there yet that would tell.
            let other = record.replacing(#""token""#, with: #""declaration":{"pipeline":"q","every":"day"},"token""#)
            bench.store.withState { $0.objects[place] = .init(content: Array(other.utf8), etag: "\"l\"") }
            let mixed = try await bench.run("run", "p.yml", "--shard", "1/2")
            #expect(mixed.status == 2, "\(mixed.testDescription)")
            #expect(mixed.errors.contains("a run of the pipeline “q”, with window.every: day, is writing to s3://bucket/a b/x"))
            bench.store.withState { $0.objects[place] = .init(content: Array(record.utf8), etag: "\"l\"") }
            let beside = try await bench.run("run", "p.yml", "--shard", "1/2")
            #expect(beside.status == 0, "\(beside.testDescription)")
            bench.store.reset(age: 100)
            let whole = try await bench.run("run", "p.yml")
            #expect(whole.status == 0, "\(whole.testDescription)")
            // It would find its lock taken, if it was only held up.
            #expect(
                bench.locks.keys.contains {
                    $0.hasPrefix("_agentsight/lock.shard-0-of-2.") && $0 > "_agentsight/lock.shard-0-of-2.000000000007"
                })
            #expect(bench.locks.values.allSatisfy { $0.released }, "\(bench.locks)")
            #expect(
                bench.bucket().filter { !$0.key.hasPrefix("_agentsight/") } == files.filter { !$0.key.hasPrefix("_agentsight/") })
        }
    }

    @Test("a run whose lock another took stops before it commits anything more, and leaves the other's lock alone")
    func lost() async throws {
        try await withBench { bench, _ in
            let other = MockStore.Object(content: Array("{}".utf8), etag: "\"other\"")
            let manifests = Mutex(0)
            bench.store.reset { call in
                guard call.isOfManifest,
                    manifests.withLock({
                        $0 += 1; return $0 == 1
                    })
                else { return nil }
                return .after {
                    bench.store.withState { state in
                        // As one does that takes over: with the next number.
                        let next = MockStore.State.digits(state.lock().last + 1)
                        state.objects["a b/x/_agentsight/lock.\(next)"] = other
                    }
                }
            }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 1 && outcome.errors.contains("error: this run no longer holds"), "\(outcome.testDescription)")
            #expect(manifests.withLock(\.self) == 1)
            #expect(bench.bucket().filter { $0.key.contains("/lock.") }.max { $0.key < $1.key }?.value == Data("{}".utf8))
            try bench.expectConsistent("lost")
        }
    }

    @Test("what failed in passing is not sent again once another has the lock")
    func repeats() async throws {
        try await withBench { bench, _ in
            let isTaken = Mutex(false)
            bench.store.reset { call in
                guard call.kind == "put", call.key.hasSuffix(".csv.gz") else { return nil }
                let isFirst = isTaken.withLock { taken in
                    defer { taken = true }
                    return !taken
                }
                guard isFirst else { return .status(503, "SlowDown") }
                return .after {
                    bench.store.withState { state in
                        let next = MockStore.State.digits(state.lock().last + 1)
                        state.objects["a b/x/_agentsight/lock.\(next)"] = .init(content: Array("{}".utf8), etag: "\"other\"")
                        state.fault = { $0.key.hasSuffix(".csv.gz") ? .status(503, "SlowDown") : nil }
                    }
                    throw CancellationError()
                }
            }
            let outcome = try await bench.run(
                "run", "p.yml", place: ["--set", "destination={url: 's3://bucket/a b/x', lease: 5s}"])
            #expect(outcome.status == 1 && outcome.errors.contains("error: this run no longer holds"), "\(outcome.testDescription)")
            let manifests = bench.store.calls.count(where: \.isOfManifest)
            #expect(manifests == 0)
        }
    }

    @Test(
        "a run that slept while another came and went commits nothing more, though the lock is free",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"),
        // Before its manifest is written; and after it, when another has replaced it.
        arguments: ["put", "head"])
    func asleep(at kind: String) async throws {
        try await withBench { bench, _ in
            let isTime = Mutex(false)
            let sleeps = Mutex(false)
            bench.store.reset { call in
                guard call.kind == kind, call.key.contains("/_agentsight/windows/") else { return nil }
                isTime.withLock { $0 = true }
                return .after { while !sleeps.withLock(\.self) { try await Task.sleep(for: .milliseconds(1)) } }
            }
            // When it is continued, its clock has gone on by more than its lease.
            let clock = ["LD_PRELOAD": Command.product("libSystemCallFaults.so").string, "SYSTEM_CALL_FAULTS_SLEEP": "100"]
            let outcome = try await bench.run("p.yml", more: clock, when: { isTime.withLock(\.self) }) { process in
                kill(process, SIGSTOP)
                bench.store.withState { state in
                    // The other's last record, far on, and none of those before it.
                    let (locks, last) = state.lock()
                    for key in locks { state.objects[key] = nil }
                    let record =
                        #"{"format":1,"holder":"another","token":"t","lease_seconds":5,"renewals":9,"released":true,"#
                        + #""expires_at":"2026-01-01T00:00:00Z"}"#
                    state.objects["a b/x/_agentsight/lock.\(MockStore.State.digits(last + 9))"] = .init(
                        content: Array(record.utf8), etag: "\"other\"")
                    for key in state.objects.keys where kind == "head" && key.contains("/_agentsight/windows/") {
                        state.objects[key]?.content.append(UInt8(ascii: "\n"))
                    }
                }
                sleeps.withLock { $0 = true }
                kill(process, SIGCONT)
            }
            #expect(outcome.status == 1 && outcome.errors.contains("error: this run no longer holds"), "\(outcome.testDescription)")
            #expect(bench.store.calls.count(where: \.isOfManifest) == 1)
            try bench.expectConsistent("asleep")
        }
    }

    @Test(
        "a store that does not heed conditions, or refuses them, is refused before anything is written", arguments: [true, false])
    func conditions(isSilent: Bool) async throws {
        try await withBench { bench, _ in
            bench.store.reset { call in
                guard call.headers["if-none-match"] != nil else { return nil }
                return isSilent ? .noConditions : .status(501, "NotImplemented")
            }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("the store ignores If-None-Match on writes"), "\(outcome.testDescription)")
            #expect(bench.bucket().isEmpty)
        }
    }

    @Test("a store that keeps no metadata of objects is refused before anything is written")
    func metadata() async throws {
        try await withBench { bench, _ in
            bench.store.reset { _ in .changed { $0.headers["x-amz-meta-sha256"] = nil } }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("the store does not return x-amz-meta-sha256"), "\(outcome.testDescription)")
            #expect(bench.bucket().isEmpty)
        }
    }
}

extension ObjectStorageTests {
    @Test(
        "a store that refuses a checksum is asked without it, and that is said once",
        arguments: [(400, "InvalidArgument"), (501, "NotImplemented")])
    func noChecksums(status: Int, code: String) async throws {
        try await withBench { bench, files in
            bench.store.reset { call in
                let isRefused = call.headers.keys.contains {
                    $0.hasPrefix("x-amz-checksum") || $0 == "x-amz-sdk-checksum-algorithm"
                }
                return isRefused ? .status(status, code) : nil
            }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            try bench.expectSame(as: files, "\(code)")
            #expect(bench.store.calls.count { $0.kind == "part" } == 2)
            let words = "the store does not support x-amz-checksum-sha256"
            #expect(outcome.errors.components(separatedBy: words).count == 2, "\(outcome.testDescription)")
            #expect(bench.store.calls.count { $0.headers["x-amz-checksum-sha256"] != nil } == 1)
        }
    }
}

extension MockStore.State {
    /// The keys of the lock's records, and the number of the last.
    fileprivate func lock() -> (keys: [String], last: Int) {
        let keys = objects.keys.filter { $0.contains("/_agentsight/lock.") }.sorted()
        return (keys, keys.last.flatMap { Int($0.suffix(12)) } ?? 0)
    }

    fileprivate static func digits(_ number: Int) -> String {
        String(repeating: "0", count: 12 - String(number).count) + String(number)
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock(\.self) }
    func increment() { value.withLock { $0 += 1 } }
}
