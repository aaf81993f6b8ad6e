import SampleAPI
import Testing

/// What commands do otherwise where somebody sits at a terminal.
@Suite struct OnTerminalTests {
    @Test("on a terminal it asks, names the metadata that there is, says what is wrong with an answer, and writes what was meant")
    func asks() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                // An answer that does not fit is asked for again; an empty one is what stands in brackets.
                let answers = ["produktion", "all", "customer_tier:vip", "2026-03-01", "weekly", "week", "", "csv", ""]
                let text = try await Command.onTerminal(
                    "init", "p.yml", in: folder, endpoint: endpoint, typing: answers.map { "\($0)\n" }.joined())
                #expect(
                    text.contains("[production] ") && text.contains("but is \"produktion\"; did you mean \"production\"?"),
                    "\(text)")
                #expect(text.contains("customer_tier") && text.contains("expected hour, day, week, month or all"))
                let written = String(decoding: try folder.read("p.yml"), as: UTF8.self)
                for line in ["from: 2026-03-01", "every: week", "format: csv", "destination: exports/p", "customer_tier:vip"] {
                    #expect(written.contains(line), "\(line)\n\(written)")
                }
                #expect(!written.contains("\n  environment:"))
                #expect(try await Command.run("run", "p.yml", "--to", "2026-04-06", in: folder, endpoint: endpoint).status == 0)
            }
        }
    }

    @Test("answers that end write nothing, and a service that is away is no hindrance")
    func answersEnd() async throws {
        try await TemporaryFolder.with { folder in
            // The key of a terminal that ends what is typed.
            let text = try await Command.onTerminal(
                "init", "p.yml", in: folder, endpoint: "http://127.0.0.1:1", typing: "\u{4}", status: 2)
            let warning = """
                warning: the service could not be asked: the service gave no usable response in 1 try: no connection \
                (http://127.0.0.1:1: connection refused). Try again later; committed windows stay, and only the others \
                are fetched.
                """
            let lines = text.split(whereSeparator: \.isNewline)
            #expect(lines.contains(warning[...]), "\(text)")
            #expect(
                lines.last?.hasSuffix("error: the input ended before all questions were answered. Nothing was written.") == true,
                "\(text)")
            #expect(try folder.files(below: ".").isEmpty)
        }
    }

    @Test("preview is a table on a terminal that fits it, of NDJSON and of CSV, and what the file has elsewhere")
    func preview() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                for columns in ["", ", columns: [id, started_at, \"metadata.*\"]", ", columns: [id, device], format: csv"] {
                    try folder.write(
                        "{ version: 1, destination: out, outputs: [{ compression: none\(columns) }] }", to: "p.yml")
                    let shown = try await Command.onTerminal("preview", "p.yml", in: folder, endpoint: endpoint)
                    let lines = shown.split(whereSeparator: \.isNewline)
                    #expect(lines.count >= 11 && lines[0].hasPrefix("id  "), "\(shown)")
                    #expect(lines.allSatisfy { $0.count <= 70 }, "\(shown)")
                    #expect(columns.isEmpty ? shown.contains("columns more: ") : true)
                    let raw = try await Command.run("preview", "p.yml", in: folder, endpoint: endpoint).output
                    #expect(raw.hasPrefix(columns.contains("csv") ? "id,device\n" : "{\"id\":"))
                    let asked = try await Command.run("preview", "p.yml", "--format", "table", in: folder, endpoint: endpoint)
                        .output
                    #expect(asked.hasPrefix("id  "))
                }
            }
        }
    }

    @Test("where an option says what the file is to say, and where nobody sits, it asks nothing")
    func silent() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let text = try await Command.onTerminal("init", "p.yml", "--from", "-7d", in: folder, endpoint: endpoint)
                #expect(!text.contains("?"))
                #expect(service.statistics.requests == 0)
                #expect(try await Command.run("init", "q.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(service.statistics.requests == 2, "the span of the conversations")
            }
        }
    }
}
