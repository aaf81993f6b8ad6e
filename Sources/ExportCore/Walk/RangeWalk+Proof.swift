// Counting after the walk, and repairing what disagrees.

extension RangeWalk {
    /// How often the whole is counted and repaired before a window in motion is left unsettled.
    private static let roundLimit = 5

    /// Where nothing is out and nothing is left to send, the next phase begins, or the walk ends.
    mutating func endPhaseIfIdle() {
        guard ready.isEmpty, inFlight.isEmpty, outcome == nil, excess == nil else { return }
        switch phase {
        case .walking where responses == 1 && isOnlyAnswerSound && !isResumed:
            // One answer is one snapshot, and it held everything.
            finish(countAfter: countBefore ?? ledger.seen)
        case .walking:
            phase = .counting
            ready = [.countAll]
        case .repairing:
            phase = .counting
            rounds += 1
            ready = [.countAll]
        case .counting:
            break
        }
    }

    /// Compares the server's count of the whole with the rows that were seen.
    mutating func conclude(countAfter: Int) -> [WalkStep] {
        budget.counted(countAfter)
        let difference = countAfter - ledger.seen
        // A difference that repairs do not change is not caused by changing rows: the count is wrong, or rows cannot be fetched.
        let isStuck = differences.suffix(2).count == 2 && differences.suffix(2).allSatisfy { $0 == difference }
        guard difference != 0, rounds < Self.roundLimit, !isStuck else {
            finish(countAfter: countAfter)
            return []
        }
        differences.append(difference)
        phase = .repairing
        return narrow(domain.range, count: countAfter)
    }

    /// Compares the count of some adjacent pieces with what was seen in them.
    mutating func compare(_ count: Int, in range: TimeRange) -> [WalkStep] {
        count == ledger.seen(in: range) ? [] : narrow(range, count: count)
    }

    /// Counts either half of a range that disagrees, or fetches it again where it is small.
    private mutating func narrow(_ range: TimeRange, count: Int) -> [WalkStep] {
        let pieces = ledger.pieces(in: range)
        if pieces.count == 1, unions[pieces[pieces.startIndex].id]?.isGivenUp == true { return [] }
        guard count > pageSize, pieces.count > 1, let middle = pieces[pieces.startIndex + pieces.count / 2].range.start else {
            return fetchAgain(range)
        }
        ready.append(.check(TimeRange(start: range.start, end: middle)))
        ready.append(.check(TimeRange(start: middle, end: range.end)))
        return []
    }

    private mutating func fetchAgain(_ range: TimeRange) -> [WalkStep] {
        repaired += 1
        ready.append(.walk(range, expected: nil))
        return ledger.remove(in: range).map { piece in
            unions[piece] = nil
            return .drop(piece: piece)
        }
    }

    public var presumedOutcome: WalkOutcome? {
        guard phase == .counting, outcome == nil, excess == nil else { return nil }
        let presumed = outcome(countAfter: ledger.seen)
        return presumed.isProved ? presumed : nil
    }

    private mutating func finish(countAfter: Int) {
        outcome = outcome(countAfter: countAfter)
    }

    private func outcome(countAfter: Int) -> WalkOutcome {
        let outside = ledger.seen - ledger.written
        // A look counts the rows of the window alone.
        let outsideBefore = isPatch ? 0 : outside
        return WalkOutcome(
            pieces: ledger.pieces.map(\.id),
            isProved: isCountTrusted && countAfter == ledger.seen && unions.values.allSatisfy(\.isComplete),
            proof: Proof(
                walk: isPatch ? Proof.patch : FetchSettings.WalkKind.ranges.rawValue,
                countBefore: max(0, (countBefore ?? countAfter) - outsideBefore),
                countAfter: max(0, countAfter - outside), distinctIDs: ledger.written, rounds: rounds, repaired: repaired)
        )
    }
}
