import Foundation
import SampleAPI
import SystemPackage
import Testing

/// What the documents tell people to type works as it stands.
///
/// In a document, each section that begins with `##` is tried in a folder of its own: its `yaml` blocks whose first line is a comment
/// with a file's name are written there, and its `sh` blocks run one after the other, against the imitation.
@Suite struct DocumentTests {
    struct Section: Sendable, CustomTestStringConvertible {
        let document: String
        let title: String
        var files: [String: String] = [:]
        var scripts: [String] = []

        var testDescription: String { "\(document): \(title)" }
    }

    static let sections = ["README.md", "docs/cookbook.md"].flatMap { document in
        // A document that is not there has no section, and the count below says so.
        sections(of: (try? String(contentsOfFile: document, encoding: .utf8)) ?? "", in: document).filter { !$0.scripts.isEmpty }
    }

    private static func sections(of text: String, in document: String) -> [Section] {
        var sections = [Section(document: document, title: "")]
        var block: (language: String, lines: [String])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if let open = block, line == "```" {
                let body = open.lines.joined(separator: "\n") + "\n"
                let name = body.prefixMatch(of: #/# (\S+\.ya?ml)/#).map { String($0.1) }
                if open.language == "yaml", let name { sections[sections.count - 1].files[name] = body }
                if open.language == "sh" { sections[sections.count - 1].scripts.append(body) }
                block = nil
            } else if block != nil {
                block?.lines.append(line)
            } else if line.hasPrefix("```") {
                block = (String(line.dropFirst(3)), [])
            } else if line.hasPrefix("## ") {
                sections.append(Section(document: document, title: String(line.dropFirst(3))))
            }
        }
        return sections
    }

    @Test("the documents have as many sections to try as they should")
    func count() {
        let counts = Dictionary(grouping: Self.sections, by: \.document).mapValues(\.count)
        #expect(counts["README.md", default: 0] >= 1 && counts["docs/cookbook.md", default: 0] >= 12, "\(counts)")
    }

    private static let hasJQ = FileManager.default.isExecutableFile(atPath: "/usr/bin/jq")

    @Test("what a document tells to type works as it stands", .enabled(if: hasJQ, "jq is not installed"), arguments: sections)
    func document(_ section: Section) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                for (name, text) in section.files { try folder.write(text, to: name) }
                for script in section.scripts { try await run(script, in: folder, endpoint) }
            }
        }
    }

    /// With the command on the path, as a shell of a careful person runs it.
    private func run(
        _ script: String, in folder: TemporaryFolder, _ endpoint: String, environment: [String: String] = [:]
    ) async throws {
        let path = "export PATH=\"\(Command.binary.removingLastComponent()):$PATH\" LANG=C.UTF-8 HOME=\"$PWD\"\n"
        let outcome = try await Command.run(
            "/bin/bash", ["-eu", "-o", "pipefail", "-c", path + script], in: folder, endpoint: endpoint, key: Sample.key,
            environment: environment)
        #expect(outcome.status == 0, "\(script)\n\(outcome.testDescription)")
    }

    /// What `--help` of a command gives as examples, each in a line of its own again.
    private static func examples(in help: String) -> [String] {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Example") }) else { return [] }
        var examples: [String] = []
        for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }) {
            if line.hasPrefix("  agentsight-export ") {
                examples.append(String(line.dropFirst(2)))
            } else if let last = examples.popLast() {
                // The help is cut at eighty columns.
                examples.append(
                    "\(last.hasSuffix("\\") ? String(last.dropLast()) : last) \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
        return examples
    }

    @Test(
        "the examples in a command's help work as they stand", .enabled(if: hasJQ, "jq is not installed"),
        arguments: [
            ("run", 4), ("dump", 5), ("plan", 3), ("verify", 3), ("status", 3), ("report", 3), ("validate", 2), ("preview", 2),
            ("schema", 3), ("probe", 3), ("init", 2), ("sample-server", 2), ("demo", 2),
        ])
    func help(command: String, count: Int) async throws {
        try await withSampleService { endpoint, _ in
            try await withFolderAndStore { folder, store in
                let help = try await Command.run(command, "--help", in: folder).output
                let examples = Self.examples(in: help)
                #expect(examples.count == count, "\(examples)")
                for name in ["nightly", "backfill", "support"] where !(command == "init" && name == "support") {
                    let destination = name == "nightly" ? "support" : name
                    try folder.write(
                        """
                        version: 1
                        name: \(name)
                        window: { from: 2026-03-23, to: 2026-11-09, every: week }
                        destination: exports/\(destination)
                        """, to: "pipelines/\(name).yml")
                }
                if ["verify", "status", "report", "schema"].contains(command) {
                    try await run("agentsight-export run pipelines/nightly.yml", in: folder, endpoint)
                }
                if examples.contains(where: { $0.contains("s3://bucket/support") }) {
                    try await run(
                        "agentsight-export run pipelines/nightly.yml --set destination=s3://bucket/support", in: folder, endpoint,
                        environment: store)
                }
                for example in examples {
                    // Who loads is for `make integration`; a note in brackets is for people.
                    let isPiped = example.contains("| psql") || example.contains("| duckdb")
                    let typed = isPiped ? String(example.prefix { $0 != "|" }) : example
                    let script = typed.replacing(#/ +\(.*\)/#, with: "")
                        .replacing("--load-window 2026-11-01", with: "--load-window 2026-W13")
                    try await run(
                        command == "sample-server" ? Self.served(script) : script, in: folder, endpoint, environment: store)
                }
            }
        }
    }

    private func withFolderAndStore(_ body: (TemporaryFolder, _ environment: [String: String]) async throws -> Void) async throws {
        try await MockStore.with { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try await body(
                    folder, ["AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_ENDPOINT_URL_S3": endpoint])
            }
        }
    }

    /// Begins a server, on a port that is free, asks it for what it does, and ends it.
    private static func served(_ script: String) -> String {
        """
        exec 3< <(exec \(script.replacing("--port 8080", with: "--port 0"))); server=$!
        while read -r line <&3; do eval "$line"; [[ $line != *AGENTSIGHT_API_KEY* ]] || break; done
        agentsight-export probe; kill $server; wait $server
        """
    }
}
