import ExportCore
import ExportPipelines
import TestSupport
import Testing

@Suite struct PipelineTextTests {
    @Test("a draft of everything is written as people write it")
    func golden() throws {
        let draft = PipelineDraft(
            name: "support", endpoint: "https://host", apiKeyFile: "/run/key", detail: .lean,
            filters: [.init(name: "device", value: "mobile"), .init(name: "metadata", value: "tier:gold")],
            extra: [.init(name: "new", value: "a b")], from: "2024-01-01", to: "today", every: .week, timezone: "Europe/Zagreb",
            settle: "20m", lookback: "3d", destination: "exports/a b", format: .csv, compression: .gzip(level: 9),
            path: "{week}.csv.gz", columns: ["id", "metadata.*"], dialect: .spreadsheet)
        #expect(
            PipelineText.render(draft) == """
                version: 1
                name: support
                source:
                  endpoint: https://host
                  api_key_file: /run/key
                  detail: lean
                filters:
                  device: mobile
                  metadata: tier:gold
                  extra: { "new": "a b" }
                window:
                  from: 2024-01-01
                  to: today
                  every: week
                  timezone: Europe/Zagreb
                  settle: 20m
                  lookback: 3d
                destination: "exports/a b"
                outputs:
                  - format: csv
                    compression: { gzip: 9 }
                    path: "{week}.csv.gz"
                    columns: ["id", "metadata.*"]
                    dialect: spreadsheet

                """)
    }

    @Test("comments change nothing, and what they show loads once it is let in", arguments: [false, true])
    func commented(_ isFiltered: Bool) throws {
        var draft = PipelineDraft(name: "a", from: "2024-01-01", destination: "out")
        if isFiltered { draft.filters = [.init(name: "device", value: "mobile")] }
        let text = PipelineText.render(draft, comments: true)
        #expect(try plan(text) == plan(PipelineText.render(draft)))
        #expect(text.split(separator: "\n").allSatisfy { $0.contains("#") || $0.hasSuffix(":") || $0.contains("device") })

        let unlocked = text.split(separator: "\n").filter { !$0.contains("api_key:") && !$0.contains("dialect") }
            .map { $0.hasPrefix("# ") ? String($0.dropFirst(2)) : String($0) }
        #expect(try complaints(unlocked.joined(separator: "\n")) == [])
    }

    @Test("any text in a draft comes back as it went in")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<400 {
            let (value, extra) = (text(&random), text(&random))
            let draft = PipelineDraft(
                name: "a", filters: [.init(name: "search", value: value), .init(name: "customer_id", value: extra)],
                extra: [.init(name: extra + "!", value: value)], destination: "d\(value.filter { !":\n\t\u{85}".contains($0) })",
                path: value.filter { $0.isLetter } + "x{table}", columns: ["id", "metadata.\(extra.filter { $0.isLetter })x"])
            let text = PipelineText.render(draft)
            let loaded = try plan(text)
            let story = Comment("seed \(seed):\n\(text)")
            #expect(loaded.filters.values == [.search: value, .customerID: extra], story)
            #expect(loaded.filters.extra == [.init(name: extra + "!", value: value)], story)
            #expect(loaded.destination == .folder(draft.destination), story)
            #expect(loaded.outputs.first?.path == draft.path, story)
        }
    }

    @Test(
        "words that YAML takes for something else stay text",
        arguments: [
            "null", "~", "true", "1e3", "-", "---", "a: b", "a #b", "x:", "${HOME}", "$$", "&a", "*a", "!a", "{a}", "[a]", "'",
            "\"", "\\", "a\nb", "\t", " a ", "é", "日本", "\u{2028}", "🙂", "<<", "=",
        ])
    func words(_ word: String) throws {
        let draft = PipelineDraft(name: "a", filters: [.init(name: "search", value: word)], destination: "out")
        #expect(try plan(PipelineText.render(draft)).filters.values == [.search: word])
    }

    @Test("a rendered file gives the plan of the file that people would have written")
    func samePlan() throws {
        let draft = PipelineDraft(
            name: "x", filters: [.init(name: "is_marked", value: "true"), .init(name: "metadata", value: "a:1,b:2")], from: "-30d",
            every: .all, timezone: "Europe/Zagreb", destination: "out", format: .csv, compression: Output.Compression.none,
            path: "out.csv")
        let text =
            smallest + """
                filters: { is_marked: true, metadata: { a: 1, b: 2 } }
                window: { from: -30d, every: all, timezone: Europe/Zagreb }
                outputs: [{ format: csv, compression: none, path: out.csv }]
                """
        #expect(try plan(PipelineText.render(draft)) == plan(text))
    }

    /// One to eight characters, most of them awkward.
    private func text(_ random: inout SeededRandom) -> String {
        let awkward = Array("abcXYZ019 _-.,:;#&*!|>%@`'\"\\/?[]{}$~=+<^()\n\t\u{85}\u{A0}éß日🙂")
        return "t" + String((0..<Int.random(in: 1...8, using: &random)).map { _ in awkward.randomElement(using: &random) ?? "a" })
            + "t"
    }

    @Test("a column written as NAME=PATH has that name, and an equals sign behind a dot belongs to the path")
    func namedColumns() throws {
        let draft = PipelineDraft(
            name: "x", destination: "out", format: .csv, columns: ["id", "tier=metadata.customer_tier", "metadata.a=b"])
        let columns = try plan(PipelineText.render(draft)).outputs[0].columns
        #expect(
            columns == [
                .column(Column(name: "id", path: ["id"])), .column(Column(name: "tier", path: ["metadata", "customer_tier"])),
                .column(Column(name: "metadata__a=b", path: ["metadata", "a=b"])),
            ])
    }
}
