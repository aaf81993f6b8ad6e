// Counting after the walk, and repairing ranges whose counts disagree.

extension RangeWalk {
    /// How often the whole window is counted and repaired before a changing window is left unsettled.
    private static let roundLimit = 5

    /// Begins the next phase, or ends the walk, if no request is in flight or left to send.
    mutating func endPhaseIfIdle() {
        guard ready.isEmpty, inFlight.isEmpty, outcome == nil, excess == nil else { return }
        switch phase {
        case .walking where responses == 1 && isOnlyAnswerSound && !isResumed:
            // A response is a snapshot, and this one held all rows.
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

    /// Compares the server's count of the whole window with the rows that were seen.
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

    /// Compares the count of some adjacent pieces with the rows that were seen in them.
    mutating func compare(_ count: Int, in range: TimeRange) -> [WalkStep] {
        count == ledger.seen(in: range) ? [] : narrow(range, count: count)
    }

    /// Counts both halves of a range whose count disagrees, or fetches it again if it is small.
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
        // The count before a patch comes from a look, which counts only the rows of the window.
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
