import ExportCore
import Foundation
import Testing

@testable import ExportS3

@Suite struct LockDecisionTests {
    private static let now = Instant(seconds: 1_000_000)
    private static let record = LockRecord(holder: "process 1 on a", token: "t", lease: .seconds(60), now: now)

    private func decide(
        _ record: LockRecord?, token: String = "u", age: Duration?, after: Duration = .zero
    ) -> LockDecision {
        LockDecision.about(record, token: token, age: age, now: Self.now.advanced(by: after))
    }

    @Test("a lock is refused with its holder until its lease has passed by the store's clock, and then taken over")
    func lease() {
        for age in [0, 59, 61] {
            guard case .refuse(let holder?) = decide(Self.record, age: .seconds(age)) else {
                Issue.record("\(age)")
                continue
            }
            #expect(holder.hasPrefix("process 1 on a (if that run has died, its lock expires in \(62 - age) s"))
        }
        #expect(decide(Self.record, age: .seconds(62)) == .takeOver(left: Self.record))
        // This machine's own clock, which may be wrong, says nothing.
        #expect(decide(Self.record, age: .seconds(62), after: .seconds(-3600)) == .takeOver(left: Self.record))
        guard case .refuse = decide(Self.record, age: .seconds(1), after: .seconds(3600)) else {
            Issue.record("taken over by this machine's clock")
            return
        }
    }

    @Test("a store that gives no times is judged by the holder's word")
    func noTimes() {
        guard case .refuse = decide(Self.record, age: nil, after: .seconds(61)) else {
            Issue.record("taken over early")
            return
        }
        #expect(decide(Self.record, age: nil, after: .seconds(62)) == .takeOver(left: Self.record))
    }

    @Test("a lock that cannot be read is refused for the usual lease, and never taken where its age is not known")
    func unreadable() {
        #expect(decide(nil, age: .seconds(61)) == .refuse(holder: nil))
        #expect(decide(nil, age: .seconds(62)) == .takeOver(left: nil))
        #expect(decide(nil, age: nil) == .refuse(holder: nil))
    }

    @Test("a lock that was given back is free at once, whoever had it and whatever the time")
    func released() {
        var record = Self.record
        record.isReleased = true
        #expect(decide(record, age: .zero) == .free)
        #expect(decide(record, age: nil) == .free)
    }

    @Test("numbers and keys of a lock are one to one, and other keys are none")
    func numbers() {
        let numbers = LockNumbers(prefix: "a/_agentsight/lock")
        #expect(numbers.key(42) == "a/_agentsight/lock.000000000042")
        #expect(numbers.number(ofKey: numbers.key(999_999_999_998)) == 999_999_999_998)
        for key in [
            // The last of all could not be followed, and one of more digits would be no number of a lock.
            "a/_agentsight/lock.999999999999", "a/_agentsight/lock.9223372036854775807", "a/_agentsight/lock.-00000000001",
            "a/_agentsight/lock", "a/_agentsight/lock.42", "a/_agentsight/lock.00000000004x", "b/_agentsight/lock.000000000042",
        ] {
            #expect(numbers.number(ofKey: key) == nil)
        }
    }

    @Test("a run knows its own lock again, whose answer was lost")
    func mine() {
        #expect(decide(Self.record, token: "t", age: .seconds(0)) == .mine(Self.record))
    }

    @Test("a record comes back as it was written, and no two of a holder are the same bytes")
    func record() throws {
        var record = Self.record
        record.commit = .init(window: "2026-11-01", paths: ["a", "b/c"])
        let content = try record.content()
        #expect(LockRecord(Data(content)) == record)
        record.renewals += 1
        #expect(try record.content() != content)
        #expect(LockRecord(Data("x".utf8)) == nil)
    }
}
