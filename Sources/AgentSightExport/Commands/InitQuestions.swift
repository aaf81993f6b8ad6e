import ExportAPI
import ExportCore
import ExportEngine
import ExportPipelines
import ExportReport
import Foundation

/// Asks the user for the settings of a pipeline. An empty answer selects the default in brackets.
struct InitQuestions {
    private(set) var draft: PipelineDraft

    init(_ draft: PipelineDraft) {
        self.draft = draft
    }

    /// Whether questions can be asked.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// - Parameter keys: Of metadata, as the service names them; empty where it was not asked.
    /// - Throws: `CommandFailure` if the answers end.
    mutating func ask(keys: [String]) throws {
        try ask("Environment: production, development, or all?", "production") { draft, answer in
            draft.filters.removeAll { $0.name == "environment" }
            if answer != "all" { draft.filters.append(.init(name: "environment", value: answer)) }
            return nil
        }
        if !keys.isEmpty {
            let shown = keys.prefix(12).map { $0.shown() }.joined(separator: ", ") + (keys.count > 12 ? ", …" : "")
            try ask("Only conversations with this metadata (key:value)? Keys are \(shown).", "no") { draft, answer in
                draft.filters.removeAll { $0.name == "metadata" }
                if answer != "no" { draft.filters.append(.init(name: "metadata", value: answer)) }
                return nil
            }
        }
        try ask("Start of the span: a date, -30d, -1w …?", draft.from ?? "-30d") { draft, answer in
            if answer != draft.from { (draft.from, draft.fromNote) = (answer, nil) }
            return nil
        }
        try ask("One file per hour, day, week, month, or all in one?", "day") { draft, answer in
            guard let every = WindowLength(rawValue: answer) else { return "expected hour, day, week, month or all" }
            draft.every = every
            return nil
        }
        try ask("Time zone in which days begin?", "UTC") { draft, answer in
            draft.timezone = answer == "UTC" ? nil : answer
            return nil
        }
        let formats = Output.Format.allCases.map(\.rawValue)
        let choice = "\(formats.dropLast().joined(separator: ", ")) or \(formats.last ?? "")"
        try ask("Format: \(choice)?", "ndjson") { draft, answer in
            guard let format = Output.Format(rawValue: answer) else { return "expected \(choice)" }
            draft.format = format
            return nil
        }
        try ask("Destination: a folder, or s3://bucket/prefix?", draft.destination) { draft, answer in
            draft.destination = answer
            return nil
        }
    }

    /// Asks until the answer fits.
    /// - Parameter take: Gives what is wrong with an answer, where it knows.
    private mutating func ask(
        _ question: String, _ standard: String, _ take: (inout PipelineDraft, String) -> String?
    ) throws {
        while true {
            Terminal.shared.prompt("\(question) [\(standard)] ")
            guard let line = readLine() else {
                throw CommandFailure("the input ended before all questions were answered. Nothing was written.", .wrongCommand)
            }
            let answer = line.trimmingCharacters(in: .whitespaces)
            var next = draft
            let problem = take(&next, answer.isEmpty ? standard : answer) ?? Self.problem(of: next)
            guard let problem else {
                draft = next
                return
            }
            Terminal.shared.print("  \(problem.shown())")
        }
    }

    /// The reason for which the file would be refused. `nil` if it would be accepted.
    private static func problem(of draft: PipelineDraft) -> String? {
        do throws(PipelineProblems) {
            _ = try PipelineLoader.ofCommand.load(PipelineText.render(draft), file: "the answer")
            return nil
        } catch {
            return error.problems.first.map { "\($0.message)\($0.suggestion.map { "; \($0)" } ?? "")" }
        }
    }
}
