import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Windows that are declared no longer, and a pipeline that was renamed.
@Suite struct PruningTests {
    private func files(_ bench: JobBench) throws -> Set<String> {
        Set(try FileManager.default.subpathsOfDirectory(atPath: bench.folder.name).filter { !$0.contains("/runs") })
    }

    @Test("windows before a later beginning are named, and removed with their files on request; the others are not touched")
    func laterBeginning() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan(csv: true)
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let before = try files(bench)
            let gone = plan.windows.prefix(5)
            plan.windows.removeFirst(5)
            let pruning = Pruning(of: plan, in: bench.folder)
            let found = try await pruning.undeclared()
            #expect(found.map(\.key) == gone.map(\.key) && found.map(\.files) == gone.map(\.paths))
            #expect(found.allSatisfy { $0.bytes > 0 })
            #expect(try files(bench) == before, "nothing is removed")
            #expect(try await pruning.delete(holder: "a test") == found)
            let names = gone.flatMap { $0.paths + ["_agentsight/windows/\($0.key).json", "_agentsight/digests/\($0.key).digests"] }
            #expect(try files(bench) == before.subtracting(names))
            #expect(try await pruning.undeclared().isEmpty)
            #expect(try await bench.run("second", plan, access: JobBench.Access(hasKey: false)).isIdle)
        }
    }

    @Test("where nothing that stands is declared, nothing is removed; a destination of another pipeline is refused")
    func refused() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan(days: 5)
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let before = try files(bench)
            plan.windows = Array(bench.plan().windows.suffix(3))
            await #expect(throws: PruningRefused(destination: bench.folder.name)) {
                try await Pruning(of: plan, in: bench.folder).delete(holder: "a test")
            }
            plan.pipeline = "other"
            await #expect(throws: StoreError.otherPipeline(path: bench.folder.name, name: "p")) {
                try await Pruning(of: plan, in: bench.folder).delete(holder: "a test")
            }
            #expect(try files(bench) == before)
        }
    }

    @Test("a renamed pipeline takes its destination over: manifests have the new name, and no file is touched")
    func adoption() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan(days: 5)
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let path = "\(bench.folder.name)/\(plan.windows[3].paths[0])"
            let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? NSNumber
            plan.pipeline = "renamed"
            let access = JobBench.Access(hasKey: false)
            let refused = try await bench.run("second", plan, access: access)
            #expect(refused.failure as? StoreError == .otherPipeline(path: bench.folder.name, name: "p"))
            let taken = try await bench.run("third", plan, access: access, adopts: true)
            #expect(taken.isIdle && taken.failure == nil)
            for window in plan.windows {
                let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                #expect(manifest.pipeline == "renamed" && manifest.run == "first")
            }
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? NSNumber == before)
            #expect(try await bench.run("fourth", plan, access: access).isIdle)
        }
    }

    @Test("a destination is not taken over by a run that is refused: without a key, or with another agent's")
    func refusedAdoption() async throws {
        let other = "ags_11111111111111111111111111111111_000012"
        var configuration = SampleService.Configuration()
        configuration.keys[other] = .granted
        configuration.agents = [SampleService.key: 12, other: 34]
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan(days: 5)
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            plan.pipeline = "renamed"
            for (number, again) in [ExportAgain.all(reason: "asked for"), .never].enumerated() {
                plan.windowing.again = again
                plan.windowing.refresh = number == 0 ? [] : [RefreshTier(look: .lean)]
                let noKey = try await bench.run("no key", plan, access: JobBench.Access(hasKey: false), adopts: true)
                #expect(noKey.failure is JobBench.Access.NoKey)
                let refused = try await bench.run("other", plan, access: JobBench.Access(key: other), adopts: true)
                #expect(refused.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: nil, number: 12, key: 34))
                for window in plan.windows {
                    #expect(try bench.folder.manifest(ofWindow: window.key)?.pipeline == "p")
                }
            }
            let told = Mutex(0)
            let taken = try await bench.run("taken", plan, adopts: true) { event in
                if case .adopted(let windows) = event { told.withLock { $0 = windows } }
            }
            #expect(taken.failure == nil && taken.record.summary.looked == 5 && told.withLock(\.self) == 5)
            for window in plan.windows { #expect(try bench.folder.manifest(ofWindow: window.key)?.pipeline == "renamed") }
        }
    }
}
