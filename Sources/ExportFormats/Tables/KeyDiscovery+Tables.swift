import ExportCore

extension KeyDiscovery {
    /// Collects from the value that a conversation has for `scannedFields[index]`, a validated one.
    public mutating func collect(scanned index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        guard table != .conversations else { return collect(field: index, value, in: text) }
        var elements = JSONElements(of: value, in: text)
        while let element = elements.next(in: text) {
            switch table {
            case .actionLogs, .attachments:
                var rows = JSONElements(of: JSONText.value(at: [table.rawValue], of: element, in: text) ?? 0..<0, in: text)
                while let row = rows.next(in: text) { collect(row: row, in: text) }
            case .conversations, .messages, .feedbacks: collect(row: element, in: text)
            }
        }
    }
}
