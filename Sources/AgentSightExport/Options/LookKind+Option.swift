public import ArgumentParser
public import ExportCore
import ExportEngine

extension LookKind: ExpressibleByArgument {
    /// The description of the kinds in the option's help.
    static let choices = """
        counts compares how many rows match, are marked, have messages, feedback or actions; lean compares every field but \
        transcripts; full compares whole rows. (default: lean)
        """
    /// The kinds, as a usage line has them.
    static let valueName = "counts|lean|full"
}

extension WindowComparison.Compared {
    /// As `verify --format json` has it.
    var name: String {
        switch self {
        case .fields(let look): look.rawValue
        case .ids: "ids"
        case .count: "count"
        case .counts: LookKind.counts.rawValue
        }
    }
}

extension ExportPlan {
    /// Refuses a look that the export holds too little for.
    /// - Throws: `CommandFailure`.
    func check(_ look: LookKind) throws {
        if look == .counts, filters.deletedRows == .only {
            throw CommandFailure(
                "--look counts: the service does not count deleted rows alone (filters.only_deleted), so there is nothing to compare counts with. Use --look lean.",
                .wrongCommand)
        }
        guard look == .full, source.detail == .lean else { return }
        throw CommandFailure(
            "--look full: the pipeline exports rows without transcripts (source.detail: lean), so there is nothing to compare transcripts with. Use --look lean.",
            .wrongCommand)
    }
}
