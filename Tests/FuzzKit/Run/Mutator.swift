import TestSupport

/// Damages texts: flips bits, changes, inserts, repeats and takes out bytes, cuts, and splices two together.
struct Mutator {
    /// What is put in beside single bytes.
    let tokens: [[UInt8]]

    func mutate(_ text: [UInt8], with other: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0...random.below(4) {
            mutateOnce(&text, other, &random)
        }
        return text
    }

    private func mutateOnce(_ text: inout [UInt8], _ other: [UInt8], _ random: inout SeededRandom) {
        guard !text.isEmpty else { return text.append(contentsOf: random.pick(tokens)) }
        let place = random.below(text.count)
        let range = place..<min(text.count, place + 1 + random.below(random.oneIn(4) ? text.count : 8))
        switch random.below(10) {
        case 0: text[place] ^= 1 << UInt8(random.below(8))
        case 1: text[place] = UInt8(random.below(256))
        case 2: text.remove(at: place)
        case 3: text.removeSubrange(range)
        case 4: text.removeSubrange(place...)
        case 5: text.insert(contentsOf: text[range], at: place)
        case 6: text.replaceSubrange(range, with: random.pick(tokens))
        case 7: text.swapAt(place, random.below(text.count))
        case 8 where !other.isEmpty: text.replaceSubrange(place..., with: other[random.below(other.count)...])
        default: text.insert(contentsOf: random.pick(tokens), at: place)
        }
    }
}
