import ExportCore
import ExportPipelines
import Testing

@Suite struct LoadSettingsTests {
    /// The client stands in single quotes.
    private func file(_ client: String) -> String { smallest + "load: { into: postgres, client: '\(client)' }" }

    @Test(
        "a password in the client is refused in every common spelling, and not shown",
        arguments: [
            "psql password=hush", #"psql "host=db password = hush""#, #"psql "host=db PassWord  =hush""#,
            "psql postgres://me:hush@db/dw", "psql POSTGRESQL://me:hu@sh@[::1]:5432/dw", #"psql "postgres://db/dw?password=hush""#,
            "clickhouse-client --password hush", "clickhouse-client --password=hush", #"clickhouse-client "--password" "hush""#,
            "clickhouse-client --PASSWORD   hush --host db", "env PGPASSWORD=hush psql", #"psql pass"word=hush""#,
        ])
    func passwords(_ client: String) throws {
        let told = try complaints(file(client)).joined(separator: "\n")
        #expect(told.contains("a password must not be written in a pipeline file"), "\(client)")
        #expect(!told.contains("hush") && !told.contains("sh@"), "\(told)")
        let whole = #expect(throws: PipelineProblems.self) { try plan(file(client)) }
        #expect(whole.map { !"\($0)".contains("hush") } == true)
    }

    @Test(
        "a client without a password is taken as it is",
        arguments: [
            "psql service=dw", "psql postgres://me@db/dw", "psql postgres://db:5432/dw", "psql --no-password dw",
            "psql postgres://me:@db/dw", "clickhouse-client --password --host db", "clickhouse-client --host db --password",
            "/opt/password-store/psql", "psql passfile=/run/pgpass", "docker exec -i pg psql -U me dw", "psql host=a://b c:d@e",
        ])
    func others(_ client: String) throws {
        #expect(try plan(file(client)).load?.client == client)
    }
}
