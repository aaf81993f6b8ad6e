import Foundation

/// A text without the differences that a database may ignore in comparisons: case, accents, width and normal form.
struct CaseInsensitiveText: Sendable, Equatable {
    private let scalars: [Unicode.Scalar]

    init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        // Marks are removed first, because the iota below a Greek letter would become a letter of its own in upper case.
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars where !Self.isMark(scalar) {
            // Upper case unifies σ and ς, and ß and ss.
            for upper in scalar.properties.uppercaseMapping.unicodeScalars { scalars += Self.letters[upper] ?? [upper] }
        }
        self.scalars = scalars
    }

    func contains(_ part: CaseInsensitiveText) -> Bool {
        scalars.contains(part.scalars)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: true
        default: false
        }
    }

    /// Letters that Unicode does not decompose, but that databases compare without their stroke.
    private static let letters: [Unicode.Scalar: [Unicode.Scalar]] = [
        "Æ": ["A", "E"], "Œ": ["O", "E"], "Ø": ["O"], "Đ": ["D"], "Ð": ["D"], "Ł": ["L"], "Ħ": ["H"], "Ŧ": ["T"], "Þ": ["T", "H"],
    ]
}
