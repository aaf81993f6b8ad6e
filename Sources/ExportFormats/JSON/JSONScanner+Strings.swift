extension JSONScanner {
    /// Steps over the string whose opening quote is at the position.
    @inline(__always)
    mutating func skipString(_ text: Span<UInt8>) throws(JSONError) {
        position += 1
        var place = position
        while place <= text.count - ByteBlock.width {
            let block = ByteBlock(text, at: place)
            if let special = (block.breakingString | block.beyondASCII).first {
                guard text[place + special] == Byte.quote else { break }
                position = place + special + 1
                return
            }
            place += ByteBlock.width
        }
        position = place
        try skipRestOfString(text)
    }

    /// Steps over the rest of a string, from the start of a character.
    private mutating func skipRestOfString(_ text: Span<UInt8>) throws(JSONError) {
        var place = position
        // After a character beyond ASCII, more are likely.
        var isASCII = true
        while place >= 3, place <= text.count - ByteBlock.width {
            let block = ByteBlock(text, at: place)
            isASCII = isASCII && block.beyondASCII.isEmpty
            if !isASCII, !block.breakingUTF8(in: text, at: place).isEmpty { return try skipBytesOfString(text) }
            guard let end = block.breakingString.first else {
                place += ByteBlock.width
                continue
            }
            position = place + end
            if text[position] != Byte.backslash { return try skipBytesOfString(text) }
            try skipEscape(text)
            place = position
        }
        position = place
        // Move back to the start of the character.
        while !isASCII, text[position - 1] >= 0x80 { position -= 1 }
        try skipBytesOfString(text)
    }

    /// Steps over the rest of a string byte by byte, if it is invalid or near the end of the text.
    private mutating func skipBytesOfString(_ text: Span<UInt8>) throws(JSONError) {
        while true {
            switch peek(text) {
            case Byte.quote:
                position += 1
                return
            case Byte.backslash: try skipEscape(text)
            case 0x80...: try skipMultibyte(text)
            case 0x20...: position += 1
            default:
                throw JSONError(
                    reason: position < text.count ? .controlCharacter : .unexpectedEnd, offset: position)
            }
        }
    }

    /// Steps over an escape. Unpaired surrogates are accepted: RFC 8259 allows them, and the text is passed on unchanged.
    private mutating func skipEscape(_ text: Span<UInt8>) throws(JSONError) {
        let start = position
        position += 1
        switch peek(text) {
        case Byte.quote, Byte.backslash, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            position += 1
        case 0x75:
            position += 1
            for _ in 0..<4 {
                guard position < text.count else { throw unexpected(text) }
                guard Byte.hexadecimal(text[position]) != nil else {
                    throw JSONError(reason: .invalidEscape, offset: start)
                }
                position += 1
            }
        default:
            guard position < text.count else { throw unexpected(text) }
            throw JSONError(reason: .invalidEscape, offset: start)
        }
    }

    /// Steps over one character of two to four bytes (RFC 3629, table of section 4).
    @inline(__always)
    private mutating func skipMultibyte(_ text: Span<UInt8>) throws(JSONError) {
        let start = position
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch text[start] {
        case 0xC2...0xDF:
            // A fast path for most alphabets.
            guard start + 1 < text.count, Self.continues(text[start + 1]) else { length = 2; break }
            position = start + 2
            return
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(reason: .invalidUTF8, offset: start)
        }
        for index in 1..<length {
            guard start + index < text.count else { throw JSONError(reason: .unexpectedEnd, offset: text.count) }
            let allowed = index == 1 ? second : 0x80...0xBF
            guard allowed.contains(text[start + index]) else { throw JSONError(reason: .invalidUTF8, offset: start) }
        }
        position = start + length
    }

    @inline(__always)
    private static func continues(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
