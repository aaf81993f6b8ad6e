import Testing

@Suite struct SampleServerTests {
    @Test("the help of sample-server tells of every option")
    func help() async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await Command.run("sample-server", "--help", in: folder)
            #expect(outcome.status == 0)
            for option in [
                "port", "rows", "seed", "tied", "days", "row-bytes", "plain-numbers", "latency-ms", "jitter-ms", "rate-limit",
                "retry-after", "generation",
                "ordering", "default-order", "ties", "page-limit", "bounds", "ignore", "faults", "fault", "later", "churn",
                "churn-every",
            ] {
                #expect(outcome.output.contains("--\(option)"), "\(option)")
            }
            for word in [
                "ordering-ignored", "page-limit=ROWS", "rate-limit=REQUESTS", "ignore=PARAMETER", "keys-revoked", "gone=REQUESTS",
            ] {
                #expect(outcome.output.contains(word), "\(word)")
            }
        }
    }

    @Test(
        "what sample-server cannot serve is refused",
        arguments: [
            ["--page-limit", "0"], ["--churn-every", "0"], ["--row-bytes", "-1"], ["--days", "13"], ["--ties", "odd"],
            ["--later", "x:keys-revoked"],
            ["--later", "0:keys-revoked"], ["--later", "3:gone"], ["--later", "3:rate-limit=0"],
            ["--later", "3:gone=9223372036854775807"],
            ["--later", "3:page-limit=0"], ["--fault", "weather"],
        ])
    func refused(options: [String]) async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await Command.run(["sample-server"] + options, in: folder, endpoint: nil, key: nil)
            #expect(outcome.status == 2, "\(outcome.testDescription)")
        }
    }

    @Test("rows that --churn changes, in ties at random, are not the same for each reader")
    func churn() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("{ version: 1, destination: out, filters: { include_deleted: true } }", to: "p.yml")
            let outcome = try await Command.runScript(
                """
                mkfifo address; "$COMMAND" sample-server --rows 100 --churn --churn-every 1 --ties random --row-bytes 6000 > address & server=$!
                trap 'kill $server' EXIT
                exec 3< address; read -r line <&3; eval "$line"
                for name in first second; do "$COMMAND" preview p.yml --limit 100 > $name.ndjson || exit 1; done
                cmp -s first.ndjson second.ndjson && exit 2
                [ "$(wc -c < first.ndjson)" -gt 50000 ] || exit 3
                """, in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
        }
    }
}
