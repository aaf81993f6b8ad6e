import Testing

@testable import SampleAPI

/// Reads back what `StoredGzip` writes, by the letter of RFC 1951 and RFC 1952.
enum StoredBlocks {
    static func decode(_ bytes: [UInt8]) throws -> [UInt8] {
        try #require(bytes.starts(with: [0x1F, 0x8B, 8, 0]))
        var place = 10
        var content: [UInt8] = []
        var isLast = false
        while !isLast {
            isLast = bytes[place] == 1
            let length = Int(bytes[place + 1]) | Int(bytes[place + 2]) << 8
            let inverse = Int(bytes[place + 3]) | Int(bytes[place + 4]) << 8
            try #require(length ^ inverse == 0xFFFF)
            content += bytes[(place + 5)..<(place + 5 + length)]
            place += 5 + length
        }
        func number(at place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * $1) } }
        try #require(number(at: place) == StoredGzip.checksum(content))
        try #require(number(at: place + 4) == UInt32(content.count))
        try #require(place + 8 == bytes.count)
        return content
    }
}

@Suite struct StoredGzipTests {
    @Test("the checksum is the one of RFC 1952")
    func checksum() {
        #expect(StoredGzip.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(StoredGzip.checksum([]) == 0)
    }

    @Test("every length comes back, on both sides of a block's end", arguments: [0, 1, 65_534, 65_535, 65_536, 131_070, 200_000])
    func lengths(count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try StoredBlocks.decode(StoredGzip.encode(content)) == content)
    }
}
