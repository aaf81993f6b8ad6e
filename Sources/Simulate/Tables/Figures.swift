/// Formats numbers for people.
enum Figures {
    /// `1,234,567`
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    static func decimal(_ value: Double, places: Int = 1) -> String {
        let unit = places == 1 ? 10 : 100
        let whole = Int((value * Double(unit)).rounded())
        let (front, rest) = whole.quotientAndRemainder(dividingBy: unit)
        return "\(count(front)).\(places > 1 && rest < 10 ? "0" : "")\(rest)"
    }

    /// A Markdown table.
    static func table(_ titles: [String], _ rows: [[String]]) -> String {
        let lines = [titles, titles.map { _ in "---" }] + rows
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }
}
