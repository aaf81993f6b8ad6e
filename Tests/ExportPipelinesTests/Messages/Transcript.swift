import Testing

/// What is written and what is said of it, as people read it: the lines of a file, then each problem behind `=> `, the longer ones
/// over several lines; entries stand apart by an empty line.
enum Transcript {
    struct Entry: CustomTestStringConvertible {
        var text: String
        /// As the problems of `x.yml` are printed.
        var lines: [String] = []

        var testDescription: String { text }
    }

    /// - Parameter head: lines that every text begins with.
    static func read(_ transcript: String, after head: String = "") -> [Entry] {
        transcript.split(separator: "\n\n").map { paragraph in
            var entry = Entry(text: head)
            for line in paragraph.split(separator: "\n") {
                if line.hasPrefix("=> ") {
                    entry.lines.append("x.yml:\(line.dropFirst(3))")
                } else if let last = entry.lines.indices.last {
                    entry.lines[last] += " \(line.drop { $0 == " " })"
                } else {
                    entry.text += "\(line)\n"
                }
            }
            return entry
        }
    }
}
