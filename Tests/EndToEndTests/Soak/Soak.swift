import Foundation
import Synchronization

/// How long the attacks go on: a little with every `make test`, much longer with `make soak`.
enum Soak {
    static let schedules = number("SCHEDULES", orElse: 24)
    static let deaths = number("DEATHS", orElse: 12)
    static let stores = number("STORES", orElse: 8)
    /// The first seed; those that follow count up.
    static let firstSeed = number("SEED", orElse: 1)
    /// Schedules under way at the same time.
    private static let width = 3

    private static func number(_ name: String, orElse fallback: Int) -> Int {
        ProcessInfo.processInfo.environment["AGENTSIGHT_SOAK_\(name)"].flatMap(Int.init) ?? fallback
    }

    /// Runs `body` for so many seeds, some at the same time.
    static func forEachSeed(_ count: Int, _ body: @escaping @Sendable (UInt64) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= width { try await group.next() }
                group.addTask { try await body(UInt64(firstSeed + index)) }
            }
            try await group.waitForAll()
        }
    }

    private static let lock = Mutex(())

    /// Adds figures to those that `make soak` shows at its end.
    static func record(_ figures: KeyValuePairs<String, Int>) throws {
        guard let path = ProcessInfo.processInfo.environment["AGENTSIGHT_SOAK_FIGURES"] else { return }
        let lines = figures.map { "\($0.value)\t\($0.key)\n" }.joined()
        try lock.withLock { _ in
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(lines.utf8))
            try file.close()
        }
    }
}

/// SplitMix64: a schedule is the same for the same seed.
struct SoakRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0xA076_1D64_78BD_642F
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int(next() % UInt64(values.count))]
    }

    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }
}
