import ExportCore
import Foundation

/// All the paths that a template can give, as far as it can be said without looking at a window.
struct PathShape {
    /// A byte of a path, or what stands for some.
    enum Unit: Hashable {
        case byte(UInt8)
        case digit, sign

        static let slash = byte(UInt8(ascii: "/"))
        private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        private static let signs = [UInt8(ascii: "+"), UInt8(ascii: "-")]

        /// The units of which one can be the same byte.
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

    /// The path with and without the offset of a repeated hour, where that makes a difference.
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

    /// Letters that are spelled in two ways are one name on some file systems.
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
            // The same in all paths of a plan, as far as they are compared here.
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
