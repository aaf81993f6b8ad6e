import ExportCore

/// All the paths that a template can give, as far as it can be said without looking at a window.
struct PathShape {
    private enum Unit: Equatable {
        case character(Unicode.Scalar)
        case digit, sign

        /// Whether both can be one and the same character.
        func meets(_ other: Unit) -> Bool {
            switch (self, other) {
            case (.character(let mine), .character(let theirs)): mine == theirs
            case (.digit, .digit), (.sign, .sign): true
            case (.digit, .character(let character)), (.character(let character), .digit):
                ("0"..."9").contains(character)
            case (.sign, .character(let character)), (.character(let character), .sign): character == "+" || character == "-"
            case (.digit, .sign), (.sign, .digit): false
            }
        }
    }

    /// With and without the offset of a repeated hour.
    private let variants: [[Unit]]

    init(_ template: PathTemplate, every: WindowLength) {
        variants = [false, true].map { isRepeated in
            template.parts.flatMap { part in
                switch part {
                case .literal(let text): text.unicodeScalars.map(Unit.character)
                case .placeholder(let placeholder): Self.units(placeholder, every, isRepeated: isRepeated)
                }
            }
        }
    }

    /// Whether some path of one can be a path of the other, or the folder that it lies in.
    func collides(with other: PathShape) -> Bool {
        variants.contains { mine in
            other.variants.contains { theirs in
                guard zip(mine, theirs).allSatisfy({ $0.meets($1) }) else { return false }
                if mine.count == theirs.count { return true }
                return mine.count < theirs.count ? theirs[mine.count] == .character("/") : mine[theirs.count] == .character("/")
            }
        }
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
            return pattern.unicodeScalars.map { $0 == "0" ? .digit : $0 == "±" ? .sign : .character($0) }
        }
        guard let meaning = every.placeholder else { return WindowLength.all.rawValue.unicodeScalars.map(Unit.character) }
        return units(meaning, every, isRepeated: isRepeated)
    }
}
