import ArgumentParser
import ExportCore

/// Shell completion of windows, for the pipeline file that is on the command line already.
enum WindowCompletion {
    static let keys = CompletionKind.custom { words, _, _ in windows(of: words).map(\.key) }
    /// The keys of days are dates as `--from` and `--to` take them; shells break what has colons.
    static let bounds = CompletionKind.custom { words, _, _ in
        windows(of: words).map(\.key).filter { Window.parts(ofKey: $0).agent == nil && WindowLength(ofKey: $0) == .day }
            + ["today", "yesterday", "-1d", "-7d", "-30d"]
    }

    /// Nothing where no file is named, or it is not right yet.
    private static func windows(of words: [String]) -> [Window] {
        guard let file = words.last(where: { $0.endsExactly(with: ".yml") || $0.endsExactly(with: ".yaml") }),
            let text = try? PipelineOptions.read(file), let plan = try? PipelineOptions.plan(text: text, file: file)
        else { return [] }
        return plan.windows
    }
}
