/// A JSON number by its value: `1`, `1.0` and `10e-1` are the same, and no digit is lost however many there are.
///
/// PostgreSQL compares the numbers of a `jsonb` column like this.
struct DecimalLiteral: Sendable, Hashable {
    private let isNegative: Bool
    /// Significant digits, without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The power of ten of the last digit.
    private let exponent: Int

    /// `nil` if `text` is not a number as RFC 8259, section 6, spells it.
    init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return nil }
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count + 1)
        }
        var power = 0
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            guard let written = Int(String(decoding: rest.dropFirst(), as: UTF8.self)) else { return nil }
            power = written
            rest = []
        }
        guard rest.isEmpty else { return nil }
        let all = Array((whole + fraction).drop { $0 == UInt8(ascii: "0") })
        let zeros = all.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        digits = Array(all.dropLast(zeros))
        isNegative = negative && !digits.isEmpty
        exponent = digits.isEmpty ? 0 : power - fraction.count + zeros
    }
}
