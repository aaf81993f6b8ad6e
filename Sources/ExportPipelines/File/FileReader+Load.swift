import ExportCore

extension FileReader {
    /// Reads the settings of a load. `nil` if there are none.
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

    /// Refuses a password, which must not be in a pipeline file.
    private mutating func client(_ load: Section) -> String? {
        guard let entry = load["client"], let written = text(entry.value, load.path("client")) else { return nil }
        guard !ClientText(written.text).holdsPassword else {
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

/// The command of a client as written, to check it for a password.
private struct ClientText {
    /// The text in lower case, without quotes and backslashes.
    private let bytes: [UInt8]

    private static let blanks: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]
    private static let password = Array("password".utf8)

    init(_ text: String) {
        let marks: Set<UInt8> = [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\")]
        bytes = text.lowercased().utf8.filter { !marks.contains($0) }
    }

    var holdsPassword: Bool { bytes.indices.contains { isPassword(at: $0) || isAddressWithPassword(at: $0) } }

    /// `password=…`, `password = …`, `--password …`, `PGPASSWORD`.
    private func isPassword(at index: Int) -> Bool {
        let rest = bytes[index...]
        guard rest.starts(with: Self.password) else { return false }
        let before = bytes[..<index]
        if before.suffix(2).elementsEqual("pg".utf8) { return true }
        let behind = rest.dropFirst(Self.password.count)
        let next = behind.drop { Self.blanks.contains($0) }
        guard let first = next.first else { return false }
        if first == UInt8(ascii: "=") { return true }
        // An option that follows is not a value.
        return before.suffix(2).elementsEqual("--".utf8) && next.startIndex > behind.startIndex && first != UInt8(ascii: "-")
    }

    /// `scheme://user:password@host`.
    private func isAddressWithPassword(at index: Int) -> Bool {
        let rest = bytes[index...]
        guard rest.starts(with: "://".utf8) else { return false }
        let ends: Set<UInt8> = Self.blanks.union([UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")])
        let host = rest.dropFirst(3).prefix { !ends.contains($0) }
        guard let at = host.lastIndex(of: UInt8(ascii: "@")), let colon = host[..<at].firstIndex(of: UInt8(ascii: ":")) else {
            return false
        }
        return colon + 1 < at
    }
}
