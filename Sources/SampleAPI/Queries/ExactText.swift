/// Text as a database compares it: by its bytes. `String` takes a composed and a decomposed é for the same.
struct ExactText: Sendable, Hashable {
    let bytes: [UInt8]

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    /// In lower case, for comparisons that ignore case.
    init(lowercasing text: some StringProtocol) {
        bytes = Array(text.lowercased().utf8)
    }

    func equals(_ text: String) -> Bool {
        bytes.elementsEqual(text.utf8)
    }

    /// Whether `whole`, which is UTF-8 in the same case, contains this text.
    func isPart(of whole: [UInt8]) -> Bool {
        guard let first = bytes.first else { return true }
        guard bytes.count <= whole.count else { return false }
        return whole.withUnsafeBufferPointer { whole in
            bytes.withUnsafeBufferPointer { part in
                for start in 0...(whole.count - part.count) where whole[start] == first {
                    var length = 1
                    while length < part.count && whole[start + length] == part[length] { length += 1 }
                    if length == part.count { return true }
                }
                return false
            }
        }
    }
}
