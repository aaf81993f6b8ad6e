public import ExportCore
public import ExportStore

extension ExportJob {
    /// Writes every window of the plan, one after the other, to a file or a stream, which keeps no record and no manifest.
    ///
    /// - Parameter columns: Those of every window. Nil: as they are found.
    /// - Throws: What opening the service throws, `IgnoredParameter`, `CancellationError`. All else is in the report.
    public func stream(through destination: any Destination, columns: ColumnCatalog? = nil) async throws -> RunReport {
        let policy = try plan.policy
        let states = plan.windows.map { policy.state(of: $0, commitState: .nothing) }
        return try await service.withClients(of: plan) { clients in
            try await ExtraCheck.run(plan, from: clients)
            var done = try await ExportRun(
                plan, to: destination, from: clients[0], as: identity, isSequential: true, report: report
            ).run(states, columns: columns)
            done.summary.add(tableRows: plan.noRows)
            return done
        }
    }
}
