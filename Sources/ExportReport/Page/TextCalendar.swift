import ExportCore
public import ExportEngine

/// A text calendar of windows: one character per window, one line per month, year or day.
public struct TextCalendar: Sendable {
    private let windows: [WindowStatus]

    /// Creates the calendar of these windows.
    public init(_ windows: [WindowStatus]) {
        self.windows = windows
    }

    /// The lines of the latest groups, and a legend. Empty for a single window.
    /// - Parameter most: The maximum number of groups.
    public func lines(most: Int = 14) -> [String] {
        guard windows.count > 1 else { return [] }
        let groups = windows.grouped(by: \.group).map { (name: $0.name, signs: String($0.members.map { Self.sign($0.kind) })) }
        let met = Set(windows.map(\.kind))
        let words = WindowStatus.Kind.allCases.filter(met.contains).map { "\(Self.sign($0)) \(Self.words($0))" }
        let left = groups.count > most ? ["… \(Figures.count(groups.count - most, "earlier line"))"] : []
        return left + groups.suffix(most).map { "\($0.name.shown())  \($0.signs)" } + [words.joined(separator: "  ")]
    }

    private static func sign(_ kind: WindowStatus.Kind) -> Character {
        switch kind {
        case .proved: "#"
        case .lookback: "*"
        case .unsettled: "?"
        case .again: "+"
        case .render: "~"
        case .missing: "."
        case .unreadable: "!"
        case .newer: "^"
        }
    }

    private static func words(_ kind: WindowStatus.Kind) -> String {
        switch kind {
        case .proved, .unsettled, .missing: kind.rawValue
        case .lookback: "proved, within lookback"
        case .again: "due again"
        case .render: "to be written from its rows"
        case .unreadable: "damaged"
        case .newer: "written by a newer version"
        }
    }
}

extension Sequence {
    /// Neighbours of one name together, in order.
    func grouped(by name: (Element) -> String) -> [(name: String, members: [Element])] {
        reduce(into: []) { groups, member in
            if groups.last?.name != name(member) { groups.append((name(member), [])) }
            groups[groups.count - 1].members.append(member)
        }
    }
}
