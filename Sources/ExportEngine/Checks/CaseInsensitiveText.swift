import Foundation

/// A text less what a database may overlook when it compares: case, accents, width and normal form.
struct CaseInsensitiveText: Sendable, Equatable {
    private let scalars: [Unicode.Scalar]

    init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        // Marks go first: the iota below a Greek letter would become a letter of its own in upper case.
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars where !Self.isMark(scalar) {
            // Upper case makes one of σ and ς, and of ß and ss.
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

    /// Letters that have no accent of their own in Unicode, and that databases compare without their stroke all the same.
    private static let letters: [Unicode.Scalar: [Unicode.Scalar]] = [
        "Æ": ["A", "E"], "Œ": ["O", "E"], "Ø": ["O"], "Đ": ["D"], "Ð": ["D"], "Ł": ["L"], "Ħ": ["H"], "Ŧ": ["T"], "Þ": ["T", "H"],
    ]
}
