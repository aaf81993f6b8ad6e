/// Steps through the members of a validated object.
struct JSONMembers {
    struct Member {
        /// The extent of the key, including its quotes.
        let key: Range<Int>
        let value: Range<Int>
    }

    private var walk: JSONWalk

    /// Creates the members of a value. A value other than an object has none.
    init(of object: Range<Int>, in text: Span<UInt8>) {
        walk = JSONWalk(into: object, openedBy: Byte.openBrace, text)
    }

    /// The members of an object whose opening bracket is at the position of a walk.
    fileprivate init(at position: Int, of outer: JSONWalk) {
        walk = outer
        walk.position = position + 1
    }

    /// The end of the object, after all members were read.
    fileprivate var end: Int { min(walk.position + 1, walk.end) }

    @inline(__always)
    mutating func next(in text: Span<UInt8>) -> Member? {
        guard let key = nextKey(in: text) else { return nil }
        return Member(key: key, value: skipValue(in: text))
    }

    /// The key of the next member. Its value has to be stepped over by `skipValue` or `forEachMemberOfElements`.
    @inline(__always)
    mutating func nextKey(in text: Span<UInt8>) -> Range<Int>? {
        guard walk.advance(text) else { return nil }
        let key = walk.skipValue(text)
        walk.skipSeparator(text)
        return key
    }

    @inline(__always)
    mutating func skipValue(in text: Span<UInt8>) -> Range<Int> { walk.skipValue(text) }

    /// Steps over the value, visiting the members of its elements if it is an array.
    /// - Returns: The extent of the value, and its number of elements. `nil` if it is not an array.
    @inline(__always)
    mutating func forEachMemberOfElements(in text: Span<UInt8>, _ body: (Member) -> Void) -> (value: Range<Int>, count: Int)? {
        guard walk.position < walk.end, text[walk.position] == Byte.openBracket else { return nil }
        let start = walk.position
        var (elements, count) = (JSONElements(at: start, of: walk), 0)
        while elements.forEachMember(in: text, body) { count += 1 }
        walk.position = elements.end
        return (start..<elements.end, count)
    }
}

/// Steps through the elements of a validated array.
struct JSONElements {
    private var walk: JSONWalk

    /// Creates the elements of a value. A value other than an array has none.
    init(of array: Range<Int>, in text: Span<UInt8>) {
        walk = JSONWalk(into: array, openedBy: Byte.openBracket, text)
    }

    /// The elements of an array whose opening bracket is at the position of a walk.
    fileprivate init(at position: Int, of outer: JSONWalk) {
        walk = outer
        walk.position = position + 1
    }

    /// The end of the array, after all elements were read.
    fileprivate var end: Int { min(walk.position + 1, walk.end) }

    mutating func next(in text: Span<UInt8>) -> Range<Int>? {
        walk.advance(text) ? walk.skipValue(text) : nil
    }

    /// Visits the members of the next element, without first searching for its end. An element other than an object has no members.
    /// - Returns: Whether there was an element.
    @inline(__always)
    mutating func forEachMember(in text: Span<UInt8>, _ body: (JSONMembers.Member) -> Void) -> Bool {
        guard walk.advance(text) else { return false }
        guard text[walk.position] == Byte.openBrace else {
            _ = walk.skipValue(text)
            return true
        }
        var members = JSONMembers(at: walk.position, of: walk)
        while let member = members.next(in: text) { body(member) }
        walk.position = members.end
        return true
    }
}

/// A position between the brackets of a validated object or array.
///
/// Invalid text gives wrong values, but every walk ends: each step but the last moves on, and none passes `end`.
private struct JSONWalk {
    fileprivate var position: Int
    /// The position of the closing bracket, or that of the enclosing value if a value is visited in place.
    fileprivate let end: Int

    init(into value: Range<Int>, openedBy bracket: UInt8, _ text: Span<UInt8>) {
        let isOpen = value.count >= 2 && text[value.lowerBound] == bracket
        position = isOpen ? value.lowerBound + 1 : value.upperBound
        end = isOpen ? value.upperBound - 1 : value.upperBound
    }

    /// Moves to the next member or element. False if there is none.
    @inline(__always)
    mutating func advance(_ text: Span<UInt8>) -> Bool {
        skipSeparator(text)
        return position < end && text[position] != Byte.closeBrace && text[position] != Byte.closeBracket
    }

    /// Skips white space, colons and commas.
    @inline(__always)
    mutating func skipSeparator(_ text: Span<UInt8>) {
        while position < end {
            let byte = text[position]
            guard byte == Byte.comma || byte == Byte.colon || Byte.isWhiteSpace(byte) else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func skipValue(_ text: Span<UInt8>) -> Range<Int> {
        let start = position
        guard start < end else { return start..<start }
        switch text[start] {
        case Byte.quote:
            skipString(text)
        case Byte.openBrace, Byte.openBracket:
            skipNested(text)
        default:
            position += 1
            while position < end, !Self.endsScalar(text[position]) {
                position += 1
            }
        }
        return start..<position
    }

    @inline(__always)
    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == Byte.comma || byte == Byte.closeBrace || byte == Byte.closeBracket || Byte.isWhiteSpace(byte)
    }

    /// Skips an object or an array, whose opening bracket is at the position.
    private mutating func skipNested(_ text: Span<UInt8>) {
        position += 1
        // Most of the skipped values are empty.
        if position < end, text[position] == Byte.closeBrace || text[position] == Byte.closeBracket {
            position += 1
            return
        }
        // All bits are set while the position is in a string, otherwise none.
        var (depth, string) = (1, UInt32(0))
        while position <= end - ByteBlock.width {
            let block = ByteBlock(text, at: position)
            let (quotes, escapes, brackets) = (block.equal(Byte.quote), block.equal(Byte.backslash), block.brackets)
            guard !(quotes | escapes | brackets).isEmpty else {
                position += ByteBlock.width
                continue
            }
            // This step examines only the bytes before the first backslash.
            let escape = escapes.bits & (0 &- escapes.bits)
            let seen = escape &- 1
            // From each opening quote up to the closing one.
            var strings = quotes.bits & seen
            strings ^= strings << 1
            strings ^= strings << 2
            strings ^= strings << 4
            strings ^= strings << 8
            strings ^= string
            var nesting = brackets.bits & seen & ~strings
            while nesting != 0 {
                let place = position + nesting.trailingZeroBitCount
                nesting &= nesting - 1
                let byte = text[place]
                depth += byte == Byte.openBrace || byte == Byte.openBracket ? 1 : -1
                if depth == 0 {
                    position = place + 1
                    return
                }
            }
            if escape != 0 {
                // An escaped character does not end a string.
                string = ~0
                position += escape.trailingZeroBitCount + 2
            } else {
                string = 0 &- (strings >> 15 & 1)
                position += ByteBlock.width
            }
        }
        position = min(position, end)
        skipNested(text, depth: depth, isInString: string != 0)
    }

    /// Skips the rest of an object or an array, byte by byte.
    private mutating func skipNested(_ text: Span<UInt8>, depth: Int, isInString: Bool) {
        var (depth, isInString) = (depth, isInString)
        while position < end {
            let byte = text[position]
            position += 1
            if isInString {
                if byte == Byte.backslash {
                    position = min(position + 1, end)
                } else if byte == Byte.quote {
                    isInString = false
                }
                continue
            }
            switch byte {
            case Byte.quote: isInString = true
            case Byte.openBrace, Byte.openBracket: depth += 1
            case Byte.closeBrace, Byte.closeBracket:
                depth -= 1
                if depth == 0 { return }
            default: break
            }
        }
    }

    @inline(__always)
    private mutating func skipString(_ text: Span<UInt8>) {
        position = JSONText.endOfString(text, position..<end)
    }
}

extension JSONText {
    /// The end of the string whose opening quote is at the start of the range, including the closing quote.
    @inline(__always)
    static func endOfString(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var position = range.lowerBound + 1
        while position < range.upperBound {
            if position <= range.upperBound - ByteBlock.width {
                let block = ByteBlock(text, at: position)
                guard let hit = (block.equal(Byte.quote) | block.equal(Byte.backslash)).first else {
                    position += ByteBlock.width
                    continue
                }
                position += hit
            }
            switch text[position] {
            case Byte.quote: return position + 1
            case Byte.backslash: position += 2
            default: position += 1
            }
        }
        return range.upperBound
    }
}
