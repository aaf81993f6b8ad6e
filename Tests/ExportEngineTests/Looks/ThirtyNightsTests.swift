import ExportCore
import ExportStore
import SampleAPI
import Synchronization
import Testing

@testable import ExportEngine

/// Thirty nights of looks at a service that means something else than its rows say, and where nothing changes.
@Suite struct ThirtyNightsTests {
    /// Looks thirty times, and gives how often each window was written, and what the runs told.
    private func nights(
        _ configuration: SampleService.Configuration, _ look: LookKind
    ) async throws -> (exports: [String: Int], events: [RunEvent]) {
        let exports = Mutex<[String: Int]>([:])
        let told = Mutex<[RunEvent]>([])
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            plan.fetch.pageSize = 2
            if look == .counts { plan.fetch.unpaginated = .never }
            _ = try await bench.run("first", plan)
            plan.windowing.refresh = [RefreshTier(look: look)]
            for night in 1...30 {
                let result = try await bench.run("night-\(night)", plan) { event in
                    switch event {
                    case .committed(let manifest): exports.withLock { $0[manifest.window.key, default: 0] += 1 }
                    case .measureUnused, .fieldsDisagree: told.withLock { $0.append(event) }
                    default: break
                    }
                }
                #expect(result.record.exitCode == 0, "night \(night): \(result.record.reason ?? "")")
                if night > 20 { #expect(result.record.summary.committed == 0, "night \(night)") }
            }
        }
        return (exports.withLock(\.self), told.withLock(\.self))
    }

    @Test("a service whose lean rows say something else than whole rows exports no window twice in thirty nights, and it is told")
    func fields() async throws {
        var configuration = SampleService.Configuration()
        configuration.otherLeanNames = 3
        let found = try await nights(configuration, .lean)
        #expect(!found.exports.isEmpty && found.exports.values.allSatisfy { $0 == 1 }, "\(found.exports)")
        #expect(found.events.count == 1)
    }

    @Test("a service that counts by every predicate otherwise exports no window twice in thirty nights, and each predicate is told")
    func predicates() async throws {
        var configuration = SampleService.Configuration()
        configuration.misreadParameters = [
            "is_marked": "false", "has_messages": "false", "has_feedback": "false", "has_action": "false",
            "feedback_sentiment": "negative",
        ]
        let found = try await nights(configuration, .counts)
        #expect(!found.exports.isEmpty && found.exports.values.allSatisfy { $0 == 1 }, "\(found.exports)")
        // All but feedback_sentiment=negative, which is what it says.
        #expect(found.events.count == CountPredicate.allCases.count - 2, "\(found.events)")
    }
}
