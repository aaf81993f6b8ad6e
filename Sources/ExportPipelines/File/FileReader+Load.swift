import ExportCore

extension FileReader {
    /// Nil where nothing is to be loaded.
    mutating func loadSettings(_ top: Section) -> LoadSettings? {
        guard let entry = top["load"], entry.value.shape != .nothing else { return nil }
        let load = section("load", .load, in: top)
        if load["into"] == nil, entry.value.shape == .map {
            problems.add(.missing("load.into", example: "postgres"), at: load.place, text: nil)
        }
        let system = choice("into", in: load, LoadSettings.System.self).value
        return LoadSettings(
            system: system ?? .postgres, client: client(load), namespace: name("namespace", in: load),
            prefix: name("prefix", in: load) ?? "")
    }

    /// A password stands in no pipeline file.
    private mutating func client(_ load: Section) -> String? {
        guard let entry = load["client"], let written = text(entry.value, load.path("client")) else { return nil }
        let text = written.text.lowercased()
        guard !text.containsExactly("password="), !text.containsExactly("pgpassword") else {
            problems.add(.literalPassword, at: written.place, text: nil)
            return nil
        }
        guard !written.value.isEmpty else {
            problems.add(.unfit(load.path("client"), expected: .text, nearest: nil), at: written.place, text: nil)
            return nil
        }
        return written.value
    }

    private mutating func name(_ key: String, in load: Section) -> String? {
        field(key, in: load, .text) { $0.isEmpty || $0.unicodeScalars.contains(where: \.isUnprintable) ? nil : $0 }.value
    }
}
