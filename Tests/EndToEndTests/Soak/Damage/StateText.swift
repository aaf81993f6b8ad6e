import Crypto
import Foundation
import TestSupport

/// The text of a file of `_agentsight`, as somebody would forge it.
enum StateText {
    private static let noDigits = String(repeating: "0", count: 64)

    /// A JSON object with another checksum: the right one, whatever it says.
    static func sealed(_ text: String) -> String {
        let checksum = #""checksum" : "sha256:\#(noDigits)""#
        let written = #"\"checksum\"\s*:\s*\"sha256:[0-9a-f]*\""#
        var blank = text.replacingOccurrences(of: written, with: checksum, options: .regularExpression)
        if blank == text, !text.contains(checksum), let brace = blank.firstIndex(of: "{") {
            blank.insert(contentsOf: checksum + ",", at: blank.index(after: brace))
        }
        guard let place = blank.range(of: noDigits) else { return blank }
        return blank.replacingCharacters(in: place, with: SHA256.hash(data: Data(blank.utf8)).hexadecimalText)
    }

    /// With one value, drawn by chance from all that are in it, replaced by a text that may be no JSON.
    static func replacingOne(of content: Data, by replacement: String, _ random: inout SeededRandom) -> String? {
        guard let value = try? JSONSerialization.jsonObject(with: content, options: .fragmentsAllowed) else { return nil }
        let mark = "REPLACED-BY-THE-TEST"
        let marked = marking(value, with: mark, &random)
        guard let data = try? JSONSerialization.data(withJSONObject: marked, options: [.sortedKeys, .withoutEscapingSlashes])
        else { return nil }
        return String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\"\(mark)\"", with: replacement)
    }

    private static func marking(_ value: Any, with mark: String, _ random: inout SeededRandom, depth: Int = 0) -> Any {
        if var object = value as? [String: Any], !object.isEmpty, depth == 0 || random.below(5) > 0 {
            let key = random.pick(object.keys.sorted().filter { $0 != "checksum" })
            object[key] = marking(object[key] ?? "", with: mark, &random, depth: depth + 1)
            return object
        }
        if var array = value as? [Any], !array.isEmpty, random.below(5) > 0 {
            let index = random.below(array.count)
            array[index] = marking(array[index], with: mark, &random, depth: depth + 1)
            return array
        }
        return mark
    }
}

extension Sequence where Element == UInt8 {
    var hexadecimalText: String { map { String(format: "%02x", $0) }.joined() }
}
