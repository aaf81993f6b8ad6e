import ExportCore
import ExportStore
import Foundation

extension Export {
    /// Streams the rows of a part of a plan to standard output.
    static func streamed(
        _ plan: ExportPlan, _ share: Share, _ output: OutputOptions, _ progress: ProgressOptions
    ) async throws -> ExitStatus {
        // A live display could overwrite the rows, or the program that shows them.
        let mode = progress.progress == .auto ? .plain : progress.progress
        let export = Export(
            plan: plan.narrowed(to: share), console: output.console, logger: output.logger, progress: mode)
        let destination = StreamDestination(temporaryFolder: FileManager.default.temporaryDirectory.path)
        return try await Interruption.withHandling { interruption in
            // Streams of parts are put together by others, who count on the same columns in each: those that the destination has.
            let columns =
                share == .whole
                ? nil : try await OpenDestination.with(plan.destination, logger: export.logger) { try await $0.columns() }
            return try await export.stream(through: destination, columns: columns, interruption)
        }
    }
}
