/// The known name that a mistyped one probably means.
public enum NearestName {
    /// `nil` if no name is similar: up to a third of the letters, and at most three, may be wrong, with swapped neighbours counted once.
    public static func of(_ name: String, in known: some Sequence<String>) -> String? {
        let folded = fold(name)
        let limit = max(1, min(3, folded.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(folded, fold(candidate))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func fold(_ name: String) -> [Character] {
        name.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
    }

    /// The optimal string alignment distance: the number of inserted, deleted, replaced and transposed letters.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard abs(left.count - right.count) <= 3 else { return .max }
        var (beforeLast, last) = ([Int](), Array(0...right.count))
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let change = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(change, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
