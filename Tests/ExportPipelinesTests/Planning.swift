import ExportCore
import ExportPipelines
import Testing

/// 2026-11-03 is a Tuesday; in Zagreb it is 11:20:30.
let noon = "2026-11-03T10:20:30Z"

/// The smallest file there is: lines that follow begin at 3.
let smallest = "version: 1\ndestination: out\n"

func at(_ text: String) throws -> Instant {
    try #require(Instant(iso8601: text))
}

func plan(
    _ text: String, now: String = noon, environment: [String: String] = [:], file: String = "x.yml",
    _ overrides: PipelineOverrides = .init()
) throws -> ExportPlan {
    try PipelineLoader(environment: environment, now: at(now)).load(text, file: file, overrides: overrides)
}

/// What is said of a text that must not load, one line a problem; nothing where it loads.
func complaints(
    _ text: String, now: String = noon, environment: [String: String] = [:], _ overrides: PipelineOverrides = .init()
) throws -> [String] {
    do {
        _ = try plan(text, now: now, environment: environment, overrides)
        return []
    } catch let error as PipelineProblems {
        return error.problems.map(\.description)
    }
}

extension TimeRange {
    var length: Duration? { start.map { end.duration(since: $0) } }
}
