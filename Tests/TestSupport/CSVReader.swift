/// Reads CSV by the grammar of RFC 4180 and nothing of the library; LF ends a record too.
public enum CSVReader {
    /// Nil is a field that is empty and has no quotes.
    public static func records(in text: String) -> [[String?]] {
        var records: [[String?]] = []
        var record: [String?] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            record.append(field(&rest))
            if rest.first == 0x2C {
                rest.removeFirst()
                continue
            }
            if rest.first == 0x0D { rest.removeFirst() }
            if rest.first == 0x0A { rest.removeFirst() }
            records.append(record)
            record = []
        }
        return records
    }

    private static func field(_ rest: inout ArraySlice<UInt8>) -> String? {
        var content: [UInt8] = []
        guard rest.first == 0x22 else {
            while let byte = rest.first, byte != 0x2C, byte != 0x0A, byte != 0x0D {
                content.append(byte)
                rest.removeFirst()
            }
            return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
        }
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == 0x22 {
                guard rest.first == 0x22 else { break }
                rest.removeFirst()
            }
            content.append(byte)
        }
        return String(decoding: content, as: UTF8.self)
    }
}
