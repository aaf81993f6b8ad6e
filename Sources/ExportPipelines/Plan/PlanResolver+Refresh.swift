import ExportCore

extension PlanResolver {
    /// The tiers of `window.refresh` with evaluated times.
    func refresh(_ window: WindowSection) -> [RefreshTier] {
        window.refresh.map { tier in
            RefreshTier(
                look: tier.look, endingAfter: tier.within.map { now.advanced(by: .zero - $0) },
                // A cron job that runs slightly early must not skip a day.
                lastBefore: tier.every.map { now.advanced(by: .zero - Self.due(after: $0)) })
        }
    }

    private static func due(after every: Duration) -> Duration { every * 9 / 10 }

    /// Refuses tiers that can never apply.
    mutating func checkRefresh(_ window: WindowSection, _ detail: Source.Detail, onlyDeleted: Bool) {
        for (place, tier) in window.refresh.enumerated() {
            if tier.look == .counts, onlyDeleted { problems.add(.countsOfDeletedRows, at: tier.place, text: nil) }
            if tier.look == .full, detail == .lean { problems.add(.fullLookOfLeanRows, at: tier.place, text: nil) }
            let earlier = window.refresh[..<place].firstIndex { other in
                other.look == tier.look && (other.within.map { within in tier.within.map { $0 <= within } ?? false } ?? true)
            }
            if let earlier { problems.add(.tierNeverApplies(earlier: earlier + 1, tier.look), at: tier.place, text: nil) }
            if earlier == nil, let other = Self.tierInPlace(of: place, in: window.refresh) {
                problems.add(.tierNeverNeeded(by: other + 1, window.refresh[other].look), at: tier.place, text: nil)
            }
            // The newest window ends this long before now.
            if let within = tier.within, within <= window.settle {
                problems.add(.tierWithinSettle, at: tier.place, text: nil)
            } else if let within = tier.within, let lookback = window.lookback, within <= lookback {
                problems.add(.tierWithinLookback, at: tier.place, text: nil)
            } else if let within = tier.within, let every = tier.every, within <= Self.due(after: every) {
                // An export counts as a look, and is never before the end of its window.
                problems.add(.tierSlowerThanWithin, at: tier.place, text: nil)
            }
        }
    }

    /// The index of a more thorough tier that covers all windows of a tier at least as often. `nil` if there is none.
    ///
    /// A window that was compared more thoroughly is not due for the other tier.
    private static func tierInPlace(of place: Int, in tiers: [RefreshSection]) -> Int? {
        let tier = tiers[place]
        let kinds = Set(tiers.map(\.look)).filter { $0 > tier.look }
        // The ages at which another tier begins to apply. `nil` for the oldest windows.
        let ages =
            (tiers.compactMap(\.within).filter { age in tier.within.map { age < $0 } ?? true }.map(Optional.some) + [tier.within])
        func holds(_ look: LookKind, at age: Duration?) -> Int? {
            tiers.firstIndex { other in
                other.look == look && (other.within.map { within in age.map { $0 <= within } ?? false } ?? true)
            }
        }
        var covering: Int?
        for age in ages where holds(tier.look, at: age) == place {
            let other = kinds.compactMap { holds($0, at: age) }.first { other in
                guard let often = tiers[other].every else { return true }
                return tier.every.map { often <= $0 } ?? false
            }
            guard let other else { return nil }
            covering = covering ?? other
        }
        return covering
    }
}
