/// Validates JSON (RFC 8259) sequentially, without building values.
///
/// It holds only a position, and the text is passed to each step. No step recurses, so nesting does not use the stack.
struct JSONScanner {
    /// The maximum nesting of objects and arrays, including the outermost.
    static let maximumDepth = 512

    var position = 0
    /// The number of bytes of white space between tokens so far.
    private(set) var whiteSpace = 0

    /// The byte at the position, or 0 at the end, which is not allowed anywhere in JSON.
    @inline(__always)
    func peek(_ text: Span<UInt8>) -> UInt8 {
        position < text.count ? text[position] : 0
    }

    @inline(__always)
    mutating func skipWhiteSpace(_ text: Span<UInt8>) {
        while Byte.isWhiteSpace(peek(text)) {
            position += 1
            whiteSpace += 1
        }
    }

    /// Steps over `byte`, which must come next.
    @inline(__always)
    mutating func skip(_ byte: UInt8, _ text: Span<UInt8>) throws(JSONError) {
        guard peek(text) == byte else { throw unexpected(text) }
        position += 1
    }

    /// The error for an unexpected byte at the position, or for the end of the text.
    func unexpected(_ text: Span<UInt8>) -> JSONError {
        JSONError(reason: position < text.count ? .unexpectedByte : .unexpectedEnd, offset: position)
    }

    /// Steps over white space up to the end of the text, where the scan must be.
    mutating func finish(_ text: Span<UInt8>) throws(JSONError) {
        skipWhiteSpace(text)
        guard position == text.count else { throw JSONError(reason: .trailingBytes, offset: position) }
    }

    /// Steps over `"key":` and the white space in and after it. Returns the extent of the key, including its quotes.
    @inline(__always)
    mutating func skipKey(_ text: Span<UInt8>) throws(JSONError) -> Range<Int> {
        let start = position
        guard peek(text) == Byte.quote else { throw unexpected(text) }
        try skipString(text)
        let key = start..<position
        skipWhiteSpace(text)
        try skip(Byte.colon, text)
        skipWhiteSpace(text)
        return key
    }

    /// Steps over an opening bracket. Returns whether there is content. If not, the closing bracket is stepped over too.
    @inline(__always)
    mutating func open(closing bracket: UInt8, _ text: Span<UInt8>) -> Bool {
        position += 1
        skipWhiteSpace(text)
        guard peek(text) == bracket else { return true }
        position += 1
        return false
    }

    /// Steps over the separator after a member or an element: a comma, which another one must follow, or the closing bracket.
    @inline(__always)
    mutating func goesOn(closing bracket: UInt8, _ text: Span<UInt8>) throws(JSONError) -> Bool {
        skipWhiteSpace(text)
        guard peek(text) == Byte.comma else {
            try skip(bracket, text)
            return false
        }
        position += 1
        skipWhiteSpace(text)
        return true
    }

    /// Steps over the value at the position, which is nested in `depth` others. Returns its extent.
    mutating func skipValue(_ text: Span<UInt8>, depth outer: Int) throws(JSONError) -> Range<Int> {
        let start = position
        var nesting = Nesting(depth: outer)
        values: while true {
            switch peek(text) {
            case Byte.quote:
                try skipString(text)
            case Byte.openBrace:
                try nesting.push(.object, at: position)
                if open(closing: Byte.closeBrace, text) {
                    _ = try skipKey(text)
                    continue values
                }
                nesting.pop()
            case Byte.openBracket:
                try nesting.push(.array, at: position)
                if open(closing: Byte.closeBracket, text) { continue values }
                nesting.pop()
            default:
                try skipScalar(text)
            }
            while nesting.depth > outer {
                switch nesting.innermost {
                case .object:
                    if try goesOn(closing: Byte.closeBrace, text) {
                        _ = try skipKey(text)
                        continue values
                    }
                case .array:
                    if try goesOn(closing: Byte.closeBracket, text) { continue values }
                }
                nesting.pop()
            }
            return start..<position
        }
    }

    private mutating func skipScalar(_ text: Span<UInt8>) throws(JSONError) {
        switch peek(text) {
        case Byte.minus, Byte.zero...Byte.nine: try skipNumber(text)
        case 0x74: try skipWord("true", text)
        case 0x66: try skipWord("false", text)
        case 0x6E: try skipWord("null", text)
        default: throw unexpected(text)
        }
    }

    private mutating func skipWord(_ word: StaticString, _ text: Span<UInt8>) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            // `index` is below the count of a static string.
            try skip(word.utf8Start[index], text)
        }
    }

    private mutating func skipNumber(_ text: Span<UInt8>) throws(JSONError) {
        if peek(text) == Byte.minus {
            position += 1
        }
        if peek(text) == Byte.zero {
            position += 1
            if Byte.isDigit(peek(text)) { throw JSONError(reason: .invalidNumber, offset: position) }
        } else {
            try skipDigits(text)
        }
        if peek(text) == Byte.dot {
            position += 1
            try skipDigits(text)
        }
        if peek(text) | 0x20 == 0x65 {
            position += 1
            if peek(text) == Byte.plus || peek(text) == Byte.minus {
                position += 1
            }
            try skipDigits(text)
        }
    }

    /// Steps over one or more digits.
    private mutating func skipDigits(_ text: Span<UInt8>) throws(JSONError) {
        guard Byte.isDigit(peek(text)) else {
            throw JSONError(reason: position < text.count ? .invalidNumber : .unexpectedEnd, offset: position)
        }
        while Byte.isDigit(peek(text)) {
            position += 1
        }
    }
}

/// The kind of open bracket on each level, one bit per level, which takes a fixed amount of memory.
private struct Nesting {
    enum Kind { case object, array }

    private(set) var depth: Int
    private var arrays = InlineArray<8, UInt64>(repeating: 0)

    init(depth: Int) {
        self.depth = depth
    }

    @inline(__always)
    var innermost: Kind {
        arrays[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 0 ? .object : .array
    }

    @inline(__always)
    mutating func push(_ kind: Kind, at offset: Int) throws(JSONError) {
        guard depth < JSONScanner.maximumDepth else { throw JSONError(reason: .tooDeep, offset: offset) }
        let bit: UInt64 = 1 << UInt64(depth & 63)
        switch kind {
        case .object: arrays[depth >> 6] &= ~bit
        case .array: arrays[depth >> 6] |= bit
        }
        depth += 1
    }

    @inline(__always)
    mutating func pop() {
        depth -= 1
    }
}
