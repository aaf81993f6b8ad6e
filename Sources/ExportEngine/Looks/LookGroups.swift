import ExportCore

/// Which windows are looked at together: adjacent ones, in the order of time, whose rows fit in one list without pages.
enum LookGroups {
    /// What decides whether a window is looked at with the one before it.
    struct Member {
        let range: TimeRange
        /// Nil where they are not known.
        let rows: Int?
        let look: LookKind?
    }

    /// Cuts windows into groups that are looked at together.
    /// - Parameter windows: In the order of time.
    static func cut<Element>(_ windows: [Element], _ plan: ExportPlan, _ member: (Element) -> Member) -> [[Element]] {
        guard let limit = plan.fetch.unpaginated.limit(.lean) else { return windows.map { [$0] } }
        var groups: [[Element]] = []
        var (last, rows) = (nil as Member?, 0)
        for window in windows {
            let next = member(window)
            let own = next.rows ?? limit
            // Rows that came since have to fit, too.
            if let last, last.look == .lean, next.look == .lean, last.range.end == next.range.start, rows + own <= limit * 4 / 5 {
                groups[groups.count - 1].append(window)
                rows += own
            } else {
                groups.append([window])
                rows = own
            }
            last = next
        }
        return groups
    }
}
