import ArgumentParser
import Foundation
import SampleAPI

struct SampleServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-server",
        abstract: "Runs a mock server on 127.0.0.1, with faults on request.",
        discussion: """
            Prints its endpoint and API key as shell assignments.

            Examples:
              agentsight-export sample-server --port 8080
              agentsight-export sample-server --rows 20000 --rate-limit 50 --ordering ignored
            """
    )

    @OptionGroup var server: SampleServerOptions

    func run() async throws {
        let (configuration, dataset) = try (server.configuration(), server.dataset())
        try await finish {
            do {
                try await Interruption.withHandling {
                    try await withSampleService(configuration, dataset: dataset) { endpoint, service in
                        try server.change(service)
                        try StandardOutput.write("export AGENTSIGHT_API_ENDPOINT=\(endpoint)")
                        try StandardOutput.write("export AGENTSIGHT_API_KEY=\(server.key)")
                        while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
                    }
                }
            } catch let failure as CommandFailure where [.interrupted, .terminated].contains(failure.status) {
                // A signal is how a server is meant to end.
                return .done
            } catch {
                throw CommandFailure(
                    """
                    cannot listen on 127.0.0.1 port \(configuration.port): another program uses it, or this user may not use it. \
                    Give another --port, or 0 for any free one.
                    """, .wrongCommand)
            }
            return .done
        }
    }
}
