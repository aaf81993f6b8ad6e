import Crypto
import ExportCore

/// The restrictions of a system on column names. A name that it does not accept is always replaced by the same valid one.
///
/// Characters that control a terminal, end a line or change the writing direction are replaced by underscores.
struct ColumnNaming: Sendable {
    /// In UTF-8.
    let longest: Int
    /// Whether names that differ only in case are the same.
    let foldsCase: Bool
    /// Whether names may only have letters, digits and underscores, and not begin with a digit.
    let isPlain: Bool
    /// Prefixes that the system reserves, in lower case.
    let reservedPrefixes: [String]
    /// Whether plain names are in upper case, like unquoted names in the system.
    let isUpperCase: Bool

    init(longest: Int, foldsCase: Bool, isPlain: Bool = false, reservedPrefixes: [String] = [], isUpperCase: Bool = false) {
        self.longest = longest
        self.foldsCase = foldsCase
        self.isPlain = isPlain
        self.reservedPrefixes = reservedPrefixes
        self.isUpperCase = isUpperCase
    }

    /// The names in the system, in the same order. The first of two equal names keeps it. Since new columns are only added at the end,
    /// names never change.
    func names(for names: [String]) -> [String] {
        var taken: Set<[UInt8]> = []
        return names.map { name in
            var fitting = fitted(name)
            if fitting.utf8.count > longest || taken.contains(folded(fitting)) {
                let unmarked = fitting
                // A column's own name may equal the generated name of another one.
                var round = 0
                repeat {
                    fitting = marked(unmarked, by: name, round)
                    round += 1
                } while taken.contains(folded(fitting))
            }
            taken.insert(folded(fitting))
            return fitting
        }
    }

    /// The common form of names that the system treats as one.
    func folded(_ name: String) -> [UInt8] {
        Array((foldsCase ? name.lowercased() : name).utf8)
    }

    private func fitted(_ name: String) -> String {
        guard isPlain else {
            let printable = name.isEmpty ? "_" : name.mappingScalars { $0.isUnprintable ? "_" : nil }
            return isUpperCase && printable.utf8.allSatisfy(Self.isPlain) ? printable.uppercased() : printable
        }
        var plain = String(decoding: name.utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        if plain.isEmpty || plain.utf8.first.map({ (0x30...0x39).contains($0) }) == true { plain = "_" + plain }
        let lowercased = plain.lowercased()
        if reservedPrefixes.contains(where: { lowercased.startsExactly(with: $0) }) { plain = "c" + plain }
        return plain
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        default: false
        }
    }

    /// A name that ends in eight digits of the SHA-256 of the name in the file and, after the first attempt, of its number.
    private func marked(_ fitting: String, by name: String, _ round: Int) -> String {
        let hashed = Array(name.utf8) + (round == 0 ? [] : [0xFF] + Array("\(round)".utf8))
        let digits = SHA256.hash(data: hashed).prefix(4).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        var head = fitting
        while head.utf8.count > longest - 9 { head.unicodeScalars.removeLast() }
        return "\(head)_\(isUpperCase && head == head.uppercased() ? digits.uppercased() : digits)"
    }
}
