import Foundation
import SampleAPI
import Synchronization
import Testing

/// A store's word is held against what it says elsewhere: a run that ends with 0 has all that its manifests name, and no run touches what
/// is not its own.
@Suite struct HostileStoreTests {
    private static let lock = "\(HostileStore.prefix)/_agentsight/lock."

    @Test("a list that contradicts itself, or what was asked for, ends verify and run with a message, and nothing is changed")
    func lists() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let before = bench.bucket
            for lie in ListLie.allCases {
                for command in lie == .outside || lie == .openEnd ? ["verify", "run"] : ["verify"] {
                    bench.store.reset { $0.kind == "list" ? .instead(lie.answer($0), isDone: false) : nil }
                    let outcome = try await bench.run(
                        command, "p.yml", place: HostileStore.place + (command == "run" ? ["--force"] : []))
                    #expect(outcome.status == 1, "\(lie): \(outcome.testDescription)")
                    #expect(outcome.errors.contains(lie.words), "\(lie): \(outcome.testDescription)")
                    #expect(bench.store.calls.count < 600, "\(lie)")
                    bench.expectOthersUntouched("\(lie)")
                    #expect(bench.bucket == before, "\(lie)")
                }
            }
            bench.store.reset()
            #expect(try await bench.run("verify", "p.yml").status == 0)
        }
    }

    @Test("uploads that are not below the prefix stay, where a store gives them all, and a list of uploads without end ends")
    func uploads() async throws {
        try await HostileStore.with { bench in
            bench.store.withState { state in
                state.ignoresPrefixOfUploads = true
                state.uploads["own"] = .init(key: "\(HostileStore.prefix)/json/old.ndjson")
            }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            bench.expectOthersUntouched("uploads")
            #expect(bench.store.withState { $0.uploads["own"] == nil })
            bench.expectWhole("uploads")
            for isMoving in [false, true] {
                bench.store.reset { call in
                    guard call.kind == "uploads" else { return nil }
                    let number = isMoving ? (call.query["upload-id-marker"].flatMap { Int($0) } ?? 0) + 1 : 1
                    let text = """
                        <ListMultipartUploadsResult><IsTruncated>true</IsTruncated><Upload><Key>\(HostileStore.prefix)/json/u</Key>\
                        <UploadId>\(number)</UploadId></Upload></ListMultipartUploadsResult>
                        """
                    return .instead(.init(body: Array(text.utf8)), isDone: false)
                }
                let endless = try await bench.run("run", "--force", "p.yml")
                #expect(endless.status == 0, "\(endless.testDescription)")
                #expect(
                    endless.errors.contains("unfinished uploads of earlier runs were not aborted"), "\(endless.testDescription)")
                #expect(bench.store.calls.count < 600)
            }
        }
    }

    @Test(
        "a lock that a dead run left is taken over, and nothing is removed where it names what is not the destination's file",
        arguments: [
            "../victim", "json/../../victim", "_agentsight/lock.000000000001", "",
        ])
    func locks(path: String) async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let record =
                #"{"format":1,"holder":"\u001b[31mprocess 1 AKIDTEST t0k3n","token":"t","lease_seconds":60,"renewals":0,"released":false,"#
                + #""expires_at":"2026-01-01T00:00:00Z","commit":{"window":"2026-W50","paths":["json/half.ndjson","\#(path)"]}}"#
            let kept = ["json/half.ndjson", path, "../victim"].map { "\(HostileStore.prefix)/\($0)" }
            bench.store.withState { state in
                for key in kept where state.objects[key] == nil { state.objects[key] = .init(content: [1], etag: "\"k\"") }
                state.objects["\(Self.lock)000000000100"] = .init(content: Array(record.utf8), etag: "\"l\"")
            }
            bench.store.reset(age: 100)
            let outcome = try await bench.run("run", "p.yml", "--force")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("the files that it names are not removed"), "\(outcome.testDescription)")
            for word in ["AKIDTEST", "t0k3n", "\u{1B}"] { #expect(!outcome.errors.contains(word), "\(outcome.testDescription)") }
            #expect(
                bench.store.withState { state in kept.allSatisfy { state.objects[$0] != nil || $0.hasSuffix("lock.000000000001") } }
            )
            #expect(!bench.store.calls.contains { $0.kind == "delete" && kept.contains($0.key) && !$0.key.contains("/lock.") })
            bench.expectOthersUntouched("\(path)")
        }
    }

    @Test("a lock whose numbers no run writes is one that cannot be read, and no number of a lock stops a run")
    func numbers() async throws {
        try await HostileStore.with { bench in
            for (lease, renewals) in [(Int.max, 0), (60, Int.max)] {
                let record =
                    #"{"format":1,"holder":"h","token":"t","lease_seconds":\#(lease),"renewals":\#(renewals),"released":false,"#
                    + #""expires_at":"2026-01-01T00:00:00Z"}"#
                bench.store.withState { state in
                    for digits in ["999999999999", "9223372036854775807", "-00000000001"] {
                        state.objects["\(Self.lock)\(digits)"] = .init(content: [1], etag: "\"n\"")
                    }
                    state.objects["\(Self.lock)000000000100"] = .init(content: Array(record.utf8), etag: "\"l\"")
                    state.objects["\(Self.lock)units-ab/../../x.000000000001"] = .init(content: [1], etag: "\"u\"")
                }
                bench.store.reset(age: 100)
                let outcome = try await bench.run("run", "p.yml", "--force")
                #expect(outcome.status == 0, "\(lease) \(renewals): \(outcome.testDescription)")
                #expect(!bench.store.calls.contains { $0.method == "PUT" && $0.key.contains("..") })
                bench.expectWhole("\(lease) \(renewals)")
                bench.store.withState { state in state.objects = state.objects.filter { !$0.key.hasPrefix(Self.lock) } }
            }
        }
    }

    @Test("a manifest under the name of another window's is none of this window: it is exported again, and the other's files stay")
    func otherWindow() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let windows = "\(HostileStore.prefix)/_agentsight/windows"
            bench.store.withState { state in state.objects["\(windows)/2026-W13.json"] = state.objects["\(windows)/2026-W14.json"] }
            let plan = try await bench.run("plan", "p.yml")
            #expect(plan.output.contains("its manifest cannot be read"), "\(plan.testDescription)")
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            bench.expectWhole("another's manifest")
        }
    }

    @Test("a manifest that names what is not the destination's file is damaged, and nothing that it names is removed")
    func manifests() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let place = "\(HostileStore.prefix)/_agentsight/windows/2026-W13.json"
            for path in ["../victim", "_agentsight/runs/kept.json"] {
                bench.store.withState { state in
                    let text = String(decoding: state.objects[place]?.content ?? [], as: UTF8.self)
                        .replacing("json/2026-W13.ndjson", with: path).replacing(#/"checksum" : "[^"]*",?/#, with: "")
                    state.objects[place]?.content = Array(text.utf8)
                    state.objects["\(HostileStore.prefix)/\(path)"] = .init(content: [1], etag: "\"v\"")
                }
                bench.store.reset()
                let plan = try await bench.run("plan", "p.yml")
                #expect(plan.output.contains("its manifest cannot be read"), "\(plan.testDescription)")
                let outcome = try await bench.run("run", "p.yml")
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(bench.store.withState { $0.objects["\(HostileStore.prefix)/\(path)"] != nil })
                #expect(!bench.store.calls.contains { $0.method == "DELETE" && $0.key.hasSuffix(path) })
                bench.expectOthersUntouched("\(path)")
                bench.expectWhole("\(path)")
            }
        }
    }

    @Test("a lock's record that a store gives out under a number far on takes neither memory nor requests")
    func farOn() async throws {
        try await HostileStore.with { bench in
            let writes = Mutex(0)
            bench.store.reset { call in
                guard call.kind == "put", call.key.hasPrefix(Self.lock) else { return nil }
                let number = writes.withLock { number in
                    number += 1
                    return number
                }
                // The first takes the lock, the second tries whether conditions are heeded, and the third says what is to be committed.
                switch number {
                case 2:
                    return .after {
                        bench.store.withState { $0.objects["\(Self.lock)900000000000"] = $0.objects["\(Self.lock)000000000001"] }
                    }
                case 3: return .instead(.error(412, "PreconditionFailed"), isDone: false)
                default: return nil
                }
            }
            let (outcome, peak) = try await bench.runMeasured("run", "p.yml")
            #expect(bench.store.calls.contains { $0.key.hasSuffix("lock.900000000001") }, "\(outcome.testDescription)")
            #expect(outcome.status == 0 && peak < 256, "\(peak) MiB: \(outcome.testDescription)")
            #expect(bench.store.calls.count < 200)
            bench.expectWhole("far on")
        }
    }

    @Test("a lock of the columns that is never renewed, and by the store's times never old, is not waited for without end")
    func everYoung() async throws {
        let pipeline = HostileStore.pipeline.replacing("columns: [id, started_at, name], ", with: "")
        try await HostileStore.with(pipeline: pipeline) { bench in
            let record =
                #"{"format":1,"holder":"a run","token":"t","lease_seconds":1,"renewals":0,"released":false,"#
                + #""expires_at":"2026-01-01T00:00:00Z"}"#
            bench.store.withState { state in
                state.objects["\(Self.lock)columns.000000000007"] = .init(content: Array(record.utf8), etag: "\"c\"")
            }
            bench.store.reset { call in
                guard call.kind == "get", call.key.contains("lock.columns") else { return nil }
                return .changed { $0.headers["Last-Modified"] = "Thu, 01 Jan 2099 00:00:00 GMT" }
            }
            let outcome = try await bench.run("run", "p.yml", "--shard", "0/2")
            #expect(outcome.status == 75, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("another run is writing to s3://bucket/a b/x: a run"), "\(outcome.testDescription)")
        }
    }

    /// Writes that are said to be done, and are not, or not as they were sent.
    static let lies: [(String, StoreFault)] = [
        ("a write that is lost", .instead(.init(headers: ["ETag": "\"e\""]), isDone: false)),
        ("a page of a proxy in its place", .instead(.page(200), isDone: false)),
        ("no ETag, and nothing written", .instead(.init(), isDone: false)),
        ("204, and nothing written", .instead(.init(status: 204), isDone: false)),
        ("a part of the bytes", .keeping { Array($0.dropLast()) }),
        ("no bytes", .keeping { _ in [] }),
    ]

    @Test(
        "what a store says it has written is looked at: a lie at any object ends in an error, and one that passes is repaired",
        arguments: lies.indices)
    func writes(index: Int) async throws {
        let (name, lie) = Self.lies[index]
        try await HostileStore.with { bench in
            let clean = bench.store.withState { $0.objects }
            let kinds =
                index == 0 ? [".ndjson", ".csv.gz", "/windows/2026-W13.json", "/runs/"] : [".ndjson", "/windows/2026-W13.json"]
            for kind in kinds {
                bench.store.withState { $0.objects = clean }
                bench.store.reset { $0.kind == "put" && $0.key.contains(kind) ? lie : nil }
                let outcome = try await bench.run("run", "p.yml")
                // A record of a run is no part of what was exported.
                let (status, words): (Int32, String) =
                    name.contains("a page")
                    ? (75, "an HTML page with status 200") : (1, "the store confirmed that it wrote a b/x/")
                #expect(outcome.status == (kind == "/runs/" ? 0 : status), "\(name), \(kind): \(outcome.testDescription)")
                #expect(outcome.errors.contains(words), "\(name), \(kind): \(outcome.errors)")
                try bench.expectConsistent("\(name), \(kind)")
                bench.expectOthersUntouched("\(name), \(kind)")

                guard index.isMultiple(of: 2) else { continue }
                bench.store.withState { $0.objects = clean }
                let isTold = Mutex(false)
                bench.store.reset { call in
                    guard call.kind == "put", call.key.contains(kind) else { return nil }
                    return isTold.withLock { told in
                        defer { told = true }
                        return told ? nil : lie
                    }
                }
                let again = try await bench.run("run", "p.yml")
                // Where something stands, a manifest is not written over it: it may be another run's.
                let stands = kind.hasPrefix("/windows/") && name.contains("bytes")
                #expect(again.status == (stands ? 1 : 0), "\(name) once, \(kind): \(again.testDescription)")
                if !stands { bench.expectWhole("\(name) once, \(kind)") }
            }
        }
    }

    @Test("a lock's record that is lost is told as that, and not as another run that writes", arguments: [0, 1, 2, 3])
    func lockWrites(index: Int) async throws {
        try await HostileStore.with { bench in
            bench.store.reset { $0.kind == "put" && $0.key.hasPrefix(Self.lock) ? Self.lies[index].1 : nil }
            let outcome = try await bench.run("run", "p.yml")
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            #expect(
                outcome.errors.contains(
                    "the store confirmed that it wrote a b/x/_agentsight/lock.000000000001, but the object does not exist."),
                "\(outcome.testDescription)")
            #expect(!outcome.errors.contains("another run"), "\(outcome.testDescription)")
            #expect(bench.bucket.isEmpty)

            // From the second on, which is renewed before the first commit.
            bench.store.reset {
                $0.kind == "put" && $0.key.hasPrefix(Self.lock) && !$0.key.hasSuffix("0001") ? Self.lies[index].1 : nil
            }
            let later = try await bench.run("run", "p.yml")
            #expect(later.status == 1, "\(later.testDescription)")
            #expect(later.errors.contains("/lock.00000000000"), "\(later.testDescription)")
            #expect(later.errors.contains("but the object does not exist"), "\(later.testDescription)")
            #expect(later.errors.contains("the lock was not released"), "\(later.testDescription)")
            #expect(!later.errors.contains("another run has taken it over"), "\(later.testDescription)")
            #expect(bench.manifests.isEmpty)
        }
    }

    /// A month of a file of two parts.
    private static let parted = """
        version: 1
        name: month
        window: { from: 2026-03-01, to: 2026-04-01, every: month }
        destination: out
        outputs: [{ compression: none, path: "{window}.ndjson" }]
        """

    @Test("an upload counts as complete where the object stands there, whatever the answer to its completion is like")
    func completion() async throws {
        try await HostileStore.with(pipeline: Self.parted, dataset: SampleDataset(rows: 8000, seed: 1)) { bench in
            let clean = bench.store.withState { $0.objects }
            let cut = StoreResponse(body: Array("<CompleteMultipartUploadResult><Key>a".utf8))
            for (name, answer) in [("a page", StoreResponse.page(200)), ("nothing", .init()), ("cut", cut)] {
                for isDone in [false, true] {
                    bench.store.withState { $0.objects = clean }
                    bench.store.reset { $0.kind == "complete" ? .instead(answer, isDone: isDone) : nil }
                    let outcome = try await bench.run("run", "p.yml")
                    #expect(outcome.status == (isDone ? 0 : name == "a page" ? 75 : 1), "\(name): \(outcome.testDescription)")
                    if isDone {
                        bench.expectWhole("\(name)")
                    } else {
                        let words = name == "a page" ? "an HTML page with status 200" : "but the object does not exist"
                        #expect(outcome.errors.contains(words), "\(name): \(outcome.testDescription)")
                        #expect(bench.manifests.isEmpty, "\(name)")
                    }
                    bench.expectOthersUntouched("\(name)")
                }
            }
            for kind in ["begin", "part"] {
                bench.store.withState { $0.objects = clean }
                bench.store.reset { $0.kind == kind ? .instead(.page(200), isDone: false) : nil }
                let outcome = try await bench.run("run", "p.yml")
                #expect(outcome.status == 75, "\(kind): \(outcome.testDescription)")
                #expect(outcome.errors.contains("an HTML page with status 200"), "\(kind): \(outcome.testDescription)")
                #expect(bench.manifests.isEmpty, "\(kind)")
            }
        }
    }

    @Test("a page of a proxy does not make an object absent, and no window is exported again for it")
    func absence() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let before = bench.bucket
            let faults: [(String, @Sendable (StoreCall) -> Bool)] = [
                ("manifests", { $0.kind == "get" && $0.key.contains("/windows/") }),
                ("files", { $0.kind == "head" && $0.key.hasSuffix(".gz") }),
                ("locks", { $0.kind == "get" && $0.key.contains("/lock.") }),
                ("lists", { $0.kind == "list" }),
            ]
            for (name, isHit) in faults {
                for arguments in [["run", "p.yml"], ["verify", "p.yml"]] where name != "files" || arguments[0] == "run" {
                    bench.store.reset { isHit($0) ? .instead(.page(404), isDone: false) : nil }
                    let outcome = try await bench.run(arguments[0], arguments[1])
                    // A run to which nothing is to be done takes no lock.
                    let isUnasked = name == "locks" && arguments[0] == "run"
                    #expect(outcome.status == (isUnasked ? 0 : 1), "\(name): \(outcome.testDescription)")
                    if !isUnasked {
                        #expect(
                            outcome.errors.contains("a response with status 404 that does not come from a store"),
                            "\(name): \(outcome.errors)"
                        )
                    }
                    #expect(
                        bench.bucket.filter { !$0.key.contains("/runs/") } == before.filter { !$0.key.contains("/runs/") },
                        "\(name)")
                }
            }
        }
    }

    @Test(
        "a firewall's page in the place of a store's answer is named, is no refusal of the credentials, and ends the command with 75"
    )
    func pages() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let before = bench.bucket
            for (kind, status) in [("get", 403), ("get", 200), ("list", 401), ("list", 200), ("head", 403)] {
                bench.store.reset { $0.kind == kind ? .instead(.page(status), isDone: false) : nil }
                let outcome = try await bench.run("verify", "p.yml")
                #expect(outcome.status == 75, "\(kind) \(status): \(outcome.testDescription)")
                #expect(outcome.errors.contains("an HTML page with status \(status)"), "\(outcome.testDescription)")
                #expect(!outcome.errors.contains("refused the credentials"), "\(outcome.testDescription)")
                #expect(bench.bucket == before)
            }
        }
    }

    @Test("what a store says it has removed, and has not, ends the run before anything follows from it")
    func removals() async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            try bench.folder.write(
                HostileStore.pipeline.replacing("csv/{window}", with: "other/{window}") + "\nfilters: { is_marked: false }",
                to: "q.yml")
            for (name, answer, words) in [
                ("204", StoreResponse(status: 204), "the store confirmed that it removed a b/x/_agentsight/windows/"),
                ("words", StoreResponse(body: Array("done".utf8)), "the response of the store cannot be read"),
                (
                    "a page", .page(200),
                    "the request to the store failed in 3 tries: an HTML page with status 200, which the store does not send"
                ),
                ("a page with 404", .page(404), "a response with status 404 that does not come from a store"),
            ] {
                bench.store.reset { $0.kind == "delete" && $0.key.contains("/windows/") ? .instead(answer, isDone: false) : nil }
                let outcome = try await bench.run("run", "q.yml")
                #expect(outcome.status == (name == "a page" ? 75 : 1), "\(name): \(outcome.testDescription)")
                #expect(outcome.errors.contains(words), "\(name): \(outcome.testDescription)")
                #expect(!outcome.errors.contains("no longer holds"), "\(name): \(outcome.testDescription)")
                bench.expectOthersUntouched("\(name)")
                bench.store.withState { state in state.objects = state.objects.filter { !$0.key.hasPrefix(Self.lock) } }
            }
        }
    }

    @Test("no word of a store shows the credentials that it was sent")
    func silence() async throws {
        try await HostileStore.with { bench in
            let words = "AKIDTEST s3cr3t t0k3n"
            let body = Array("<Error><Code>\(words)</Code><Message>\(words)</Message><Region>\(words)</Region></Error>".utf8)
            for status in [301, 404, 418] {
                bench.store.reset { _ in
                    .instead(.init(status: status, headers: ["x-amz-bucket-region": "AKIDTEST"], body: body), isDone: false)
                }
                let outcome = try await bench.run("run", "p.yml", "-v")
                #expect([1, 2].contains(outcome.status), "\(status): \(outcome.testDescription)")
                for secret in ["AKIDTEST", "s3cr3t", "t0k3n"] {
                    #expect(!outcome.errors.contains(secret), "\(outcome.testDescription)")
                }
            }
            let passing = Mutex(0)
            bench.store.reset { _ in
                guard
                    passing.withLock({
                        $0 += 1; return $0
                    }) < 3
                else { return nil }
                return .instead(.init(status: 503, body: body), isDone: false)
            }
            let outcome = try await bench.run("run", "p.yml", "-v")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("retrying the request to the store"), "\(outcome.testDescription)")
            for secret in ["AKIDTEST", "s3cr3t", "t0k3n"] {
                #expect(!outcome.errors.contains(secret), "\(outcome.testDescription)")
            }
        }
    }
}
