import ArgumentParser
import Foundation

/// How a run shows how far it is.
enum ProgressMode: String, CaseIterable, ExpressibleByArgument {
    /// `live` on a terminal, `plain` elsewhere.
    case auto
    /// A few lines that are drawn again and again.
    case live
    /// Lines that stay.
    case plain
    /// No progress, only the result of a run.
    case none
}

struct ProgressOptions: ParsableArguments {
    @Option(
        help: """
            The form of progress: auto (live on a terminal, otherwise plain), live (a few lines, updated in place), plain (one line \
            after another) or none.
            """)
    var progress = ProgressMode.auto
}

extension ProgressMode {
    /// The mode that `auto` selects on this console.
    func resolved(for console: Console) -> ProgressMode {
        switch self {
        case .auto where console.isQuiet: .none
        case .auto: Terminal.isCapable && console.format == .text ? .live : .plain
        case .live where console.format == .json: console.isQuiet ? .none : .plain
        case .live, .plain, .none: console.isQuiet ? .none : self
        }
    }
}
