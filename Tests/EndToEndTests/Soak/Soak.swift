import Foundation
import Synchronization
import TestSupport

/// How long the attacks go on: a little with every `make test`, much longer with `make soak`.
enum Soak {
    static let schedules = number("SCHEDULES", orElse: 16)
    static let deaths = number("DEATHS", orElse: 9)
    static let stores = number("STORES", orElse: 8)
    /// Calls of the system that fail, of either test.
    static let faults = number("FAULTS", orElse: 16)
    /// Schedules of thirty nights of changes.
    static let nights = number("NIGHTS", orElse: 3)
    /// Hostile destinations.
    static let destinations = number("DESTINATIONS", orElse: 16)
    /// The first seed; those that follow count up.
    static let firstSeed = number("SEED", orElse: 1)
    /// Schedules under way at the same time.
    private static let width = 3

    private static func number(_ name: String, orElse fallback: Int) -> Int {
        ProcessInfo.processInfo.environment["AGENTSIGHT_SOAK_\(name)"].flatMap(Int.init) ?? fallback
    }

    /// Runs `body` for so many seeds, some at the same time.
    static func forEachSeed(_ count: Int, _ body: @escaping @Sendable (UInt64) async throws -> Void) async throws {
        try await forEach((0..<count).map { UInt64(firstSeed + $0) }, body)
    }

    /// Runs `body` for each, some at the same time.
    static func forEach<Element: Sendable>(_ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Void)
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, element) in elements.enumerated() {
                if index >= width { try await group.next() }
                group.addTask { try await body(element) }
            }
            try await group.waitForAll()
        }
    }

    /// So many of the elements, drawn from the first seed; all where there are no more.
    static func some<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        guard count < elements.count else { return elements }
        var random = SeededRandom(seed: UInt64(firstSeed))
        return Array(elements.shuffled(using: &random).prefix(count))
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
