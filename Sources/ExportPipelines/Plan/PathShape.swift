import ExportCore
import Foundation

/// The set of paths that a template can produce, as far as it is known independently of windows.
struct PathShape {
    /// A byte of a path, or a placeholder for several.
    enum Unit: Hashable {
        case byte(UInt8)
        case digit, sign

        static let slash = byte(UInt8(ascii: "/"))
        private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        private static let signs = [UInt8(ascii: "+"), UInt8(ascii: "-")]

        /// The units that can match the same byte.
        var met: [Unit] {
            switch self {
            case .digit: [.digit] + Self.digits.map(Unit.byte)
            case .sign: [.sign] + Self.signs.map(Unit.byte)
            case .byte(let byte) where Self.digits.contains(byte): [self, .digit]
            case .byte(let byte) where Self.signs.contains(byte): [self, .sign]
            case .byte: [self]
            }
        }
    }

    /// The shapes of a path with and without the offset of a repeated hour, if that makes a difference.
    let variants: [[Unit]]

    init(_ template: PathTemplate, every: WindowLength) {
        let both = [false, true].map { isRepeated in
            template.parts.flatMap { part in
                switch part {
                case .literal(let text): Self.units(of: text)
                case .placeholder(let placeholder): Self.units(placeholder, every, isRepeated: isRepeated)
                }
            }
        }
        variants = both[0] == both[1] ? [both[0]] : both
    }

    /// The bytes of a text, normalized because some file systems treat different encodings of a letter as the same name.
    private static func units(of text: String) -> [Unit] {
        text.precomposedStringWithCanonicalMapping.utf8.map(Unit.byte)
    }

    private static func units(_ placeholder: Placeholder, _ every: WindowLength, isRepeated: Bool) -> [Unit] {
        let pattern =
            switch placeholder {
            case .date: "0000-00-00"
            case .hour: isRepeated ? "0000-00-00T00±0000" : "0000-00-00T00"
            case .week: "0000-W00"
            case .month: "0000-00"
            // The same in all paths of a plan that are compared here.
            case .agent: "a"
            case .window, .pipeline, .table, .format: ""
            }
        guard placeholder == .window else {
            return pattern.flatMap { $0 == "0" ? [Unit.digit] : $0 == "±" ? [.sign] : units(of: String($0)) }
        }
        guard let meaning = every.placeholder else { return units(of: WindowLength.all.rawValue) }
        return units(meaning, every, isRepeated: isRepeated)
    }
}
