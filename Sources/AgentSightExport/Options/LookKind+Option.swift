public import ArgumentParser
public import ExportCore
import ExportEngine

extension LookKind: ExpressibleByArgument {}

extension WindowComparison.Compared {
    /// As `verify --format json` has it.
    var name: String {
        switch self {
        case .fields(let look): look.rawValue
        case .ids: "ids"
        case .count: "count"
        }
    }
}

extension ExportPlan {
    /// Refuses a look that the export holds too little for.
    /// - Throws: `CommandFailure`.
    func check(_ look: LookKind) throws {
        guard look == .full, source.detail == .lean else { return }
        throw CommandFailure(
            "--look full: the pipeline exports rows without transcripts (source.detail: lean), so there is nothing to compare transcripts with. Use --look lean.",
            .wrongCommand)
    }
}
