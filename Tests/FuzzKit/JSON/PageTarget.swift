import ExportFormats
import TestSupport

/// The scan of a page, against the rules of the envelope applied to another reader's values.
struct PageTarget: FuzzTarget {
    let name = "pages"
    let inputs: JSONInputs

    private static let fields = ["id", "started_at", "is_deleted"]

    func input(_ random: inout SeededRandom) -> [UInt8] {
        inputs.page(&random)
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        let answer = scan(PlacedText(input))
        guard scan(PlacedText(input, at: 1 + input.count % 8)) == answer else {
            throw Disagreement("the same page is read otherwise at another place")
        }
        return answer
    }

    private func scan(_ text: PlacedText) -> [UInt8] {
        do throws(PageError) {
            let scanner = PageScanner(fields: Self.fields)
            let page = try text.read { (text) throws(PageError) in try scanner.scan(text) }
            var canonical = CanonicalJSON(text)
            canonical.write("c\(page.count.map(String.init) ?? "-");")
            canonical.write("h\(page.hasNext.map { $0 ? "t" : "f" } ?? "-");")
            for (index, row) in page.rows.enumerated() {
                canonical.append(row)
                for field in Self.fields.indices {
                    if let value = page.value(field, ofRow: index) { canonical.append(value) } else { canonical.write("-") }
                }
            }
            return canonical.bytes
        } catch {
            return Array(word(for: error).utf8)
        }
    }

    private func word(for error: PageError) -> String {
        switch error {
        case .json: "json"
        case .notAnObject: "notAnObject"
        case .countNotAnInteger: "countNotAnInteger"
        case .nextNotAString: "nextNotAString"
        case .resultsMissing: "resultsMissing"
        case .keyTwice(let key): "keyTwice:\(key.rawValue)"
        case .resultsNotAnArray: "resultsNotAnArray"
        case .rowNotAnObject(let index): "rowNotAnObject:\(index)"
        }
    }
}
