import ExportCore

extension PlanResolver {
    /// The tiers of `window.refresh`, with their times worked out.
    func refresh(_ window: WindowSection) -> [RefreshTier] {
        window.refresh.map { tier in
            RefreshTier(
                look: tier.look, endingAfter: tier.within.map { now.advanced(by: .zero - $0) },
                // A cron job that is a little early must not skip a day.
                lastBefore: tier.every.map { now.advanced(by: .zero - $0 * 9 / 10) })
        }
    }

    /// Refuses tiers that can never apply.
    mutating func checkRefresh(_ window: WindowSection, _ detail: Source.Detail) {
        for (place, tier) in window.refresh.enumerated() {
            if tier.look == .full, detail == .lean { problems.add(.fullLookOfLeanRows, at: tier.place, text: nil) }
            let earlier = window.refresh[..<place].firstIndex { other in
                other.look == tier.look && (other.within.map { within in tier.within.map { $0 <= within } ?? false } ?? true)
            }
            if let earlier { problems.add(.tierNeverApplies(earlier: earlier + 1, tier.look), at: tier.place, text: nil) }
            if let within = tier.within, let lookback = window.lookback, within <= lookback {
                problems.add(.tierWithinLookback, at: tier.place, text: nil)
            }
        }
    }
}
