import ExportFormats
import TestSupport

/// The JSON scan, the values read of it, and the minifier, against another reader's.
struct JSONTarget: FuzzTarget {
    let name = "json"
    let inputs: JSONInputs

    /// Paths are looked up in texts up to this length.
    private static let small = 2048

    func input(_ random: inout SeededRandom) -> [UInt8] {
        inputs.text(&random)
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        let found = PlacedText(input).validate()
        for offset in 1...8 where PlacedText(input, at: offset).validate() != found {
            throw Disagreement("the same text is read otherwise at another place, \(offset)")
        }
        let offset = input.count % 9
        switch found {
        case .failure(let error):
            guard (0...input.count).contains(error.offset) else { throw Disagreement("\(error) lies outside the text") }
            readUnchecked(PlacedText(input, at: offset))
            return Array("-".utf8)
        case .success(let value):
            let answer = try canonical(PlacedText(input), value)
            guard try canonical(PlacedText(input, at: offset), value) == answer else {
                throw Disagreement("the same value is read otherwise at another place, \(offset)")
            }
            return answer
        }
    }

    private func canonical(_ text: PlacedText, _ value: Range<Int>) throws(Disagreement) -> [UInt8] {
        var canonical = CanonicalJSON(text)
        canonical.write("+\(value.lowerBound),\(value.upperBound);")
        canonical.append(value)
        let minified = minified(text, value)
        guard self.minified(PlacedText(minified), minified.indices) == minified else {
            throw Disagreement("what was minified can be minified again")
        }
        canonical.write("m\(minified.count):")
        var answer = canonical.bytes + minified
        if text.whole.count <= Self.small {
            var paths = CanonicalJSON(text)
            paths.appendPaths(of: value, root: value)
            answer += paths.bytes
        }
        return answer
    }

    private func minified(_ text: PlacedText, _ value: Range<Int>) -> [UInt8] {
        var output: [UInt8] = []
        text.read { JSONMinifier.append($0, value, to: &output) }
        return output
    }

    /// On bytes that are not JSON every reader ends and stays inside them; what it says means nothing.
    private func readUnchecked(_ text: PlacedText) {
        let reader = CanonicalJSON(text)
        for (key, value) in reader.members(of: text.whole) {
            _ = text.read { (JSONText.string($0, key), JSONText.int64($0, value), JSONText.kind($0, value)) }
        }
        for element in reader.elements(of: text.whole) {
            _ = text.read { (JSONText.string($0, element), JSONText.value(at: ["a"], of: element, in: $0)) }
        }
        _ = minified(text, text.whole)
    }
}
