import CZlib
import ExportCore
import TestSupport
import Testing

@testable import ExportFormats

/// A gzip file of the content, cut into blocks of the size.
private func gzip(_ content: [UInt8], blocksOf size: Int, level: Int? = nil) throws -> [UInt8] {
    var member = GzipMember()
    var file = GzipMember.header
    for start in stride(from: 0, to: content.count, by: size) {
        let block = try GzipBlock(compressing: content[start..<min(start + size, content.count)].span, level: level)
        member.append(block)
        file += block.bytes
    }
    return file + member.finish()
}

/// Text that repeats, so that a block would refer to the one before if it could.
private func sample(_ count: Int, seed: Int = 1) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    let words = ["conversation", "\"id\":", "{", "}", "customer", " ", "0", "\n", "č"].map { Array($0.utf8) }
    var content: [UInt8] = []
    while content.count < count {
        content += words.randomElement(using: &random) ?? []
    }
    return Array(content.prefix(count))
}

private func decode(_ body: [UInt8], _ encoding: ContentEncoding = .gzip, limit: Int = 1 << 30) throws(InflateError) -> [UInt8] {
    try encoding.decode(body.span, limit: limit)
}

/// What the reader gives for a file that comes in chunks of the size.
private func read(_ file: [UInt8], chunksOf size: Int) throws -> (content: [UInt8], largest: Int) {
    var reader = try GzipReader()
    var (content, largest): ([UInt8], Int) = ([], 0)
    for start in stride(from: 0, to: file.count, by: size) {
        try reader.read(file[start..<min(start + size, file.count)].span) { piece in
            largest = max(largest, piece.count)
            for index in piece.indices { content.append(piece[index]) }
        }
    }
    try reader.finish()
    return (content, largest)
}

@Suite("gzip is one member of independent blocks")
struct GzipTests {
    @Test(
        "blocks of any size make one member with the same content", arguments: [1, 7, 1000, 65_535, 65_536, 100_000, 1_000_000],
        [nil, 1, 6, 9])
    func splits(size: Int, level: Int?) throws {
        let content = sample(size < 100 ? 500 : 200_000)
        let file = try gzip(content, blocksOf: size, level: level)
        #expect(try decode(file) == content)
        #expect(try read(file, chunksOf: 4096).content == content)
    }

    @Test("the frame is as RFC 1952 has it, without name, time or system")
    func frame() throws {
        let content = Array("hello".utf8)
        let file = try gzip(content, blocksOf: 2)
        #expect(file.prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
        #expect(file.suffix(10) == [0x03, 0x00, 0x86, 0xA6, 0x10, 0x36, 5, 0, 0, 0])
    }

    @Test("a file without blocks, and one with an empty block, hold nothing")
    func empty() throws {
        #expect(try gzip([], blocksOf: 1) == GzipMember.header + [3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        let block = try GzipBlock(compressing: [UInt8]().span)
        var member = GzipMember()
        member.append(block)
        #expect(try decode(GzipMember.header + block.bytes + member.finish()) == [])
    }

    @Test("a block ends in a flush and does not depend on its neighbours")
    func independent() throws {
        let content = sample(5000)
        let block = try GzipBlock(compressing: content.span)
        #expect(block.bytes.suffix(4) == [0, 0, 0xFF, 0xFF])
        #expect(block.length == 5000)
        #expect(try block == GzipBlock(compressing: content.span))
        #expect(try GzipBlock(compressing: content.span, level: 1) != block)
        var random = SeededRandom(seed: 3)
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(try decode(gzip(noise, blocksOf: 70_000)) == noise)
        #expect(try decode(gzip(noise, blocksOf: 70_000, level: 6)) == noise)
    }

    @Test("the bytes do not depend on where in memory the work is done")
    func placeInMemory() throws {
        // Each begins with other bytes, and says them again soon: whether that is found must not be a matter of chance.
        let contents = (0..<60).map { Array("<\($0)> is said twice: \(String(repeating: "<\($0)> is said. ", count: 4))".utf8) }
        let blocks = try contents.map { try GzipBlock(compressing: $0.span) }
        var held: [[UInt8]] = []
        for _ in 0..<2000 {
            // Moves what is allocated next, and is never touched.
            var room: [UInt8] = []
            room.reserveCapacity(96 * 1024)
            held.append(room)
            for (content, block) in zip(contents, blocks) { #expect(try GzipBlock(compressing: content.span) == block) }
        }
    }

    @Test("the fast encoder flushes the first bytes of a block apart: on some processors they are hashed by an address otherwise")
    func firstBytesApart() throws {
        // An empty stored block, which ends what is flushed (RFC 1951, 3.2.4).
        let isFlush = { (bytes: ArraySlice<UInt8>) in bytes.elementsEqual([0, 0, 0xFF, 0xFF]) }
        for length in [17, 100, 5000] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 % 251) }
            let bytes = try GzipBlock(compressing: content.span).bytes
            let flushes = bytes.indices.dropLast(3).filter { isFlush(bytes[$0..<$0 + 4]) }
            let isFast = GzipBlock.encoder(level: nil).hasPrefix("isa-l")
            #expect(flushes.count == (isFast ? 2 : 1) && flushes.last == bytes.count - 4, "\(length)")
            if isFast { #expect(flushes[0] < 40) }
        }
    }

    @Test("impossible levels are refused", arguments: [-1, 0, 10])
    func levels(level: Int) {
        #expect(throws: DeflateError.impossibleLevel(level)) { try GzipBlock(compressing: [1].span, level: level) }
        #expect(DeflateError.impossibleLevel(level).description == "gzip has no level \(level); levels are 1 to 9")
    }

    @Test("the encoder names the library and the level")
    func encoder() {
        #expect(GzipBlock.encoder(level: 9) == "zlib \(String(cString: zlibVersion())) level 9")
        #expect(GzipBlock.encoder(level: nil).wholeMatch(of: /(zlib|isa-l) [0-9.]+ level [0-9]/) != nil)
        #expect(WholeGzip.encoder(level: 9) == GzipBlock.encoder(level: 9))
        #expect(WholeGzip.encoder(level: nil).wholeMatch(of: /(zlib|isa-l|libdeflate) [0-9.]+ level [0-9]/) != nil)
    }

    @Test("content that is compressed whole is one member, the same every time, for any content", arguments: [nil, 1, 6])
    func whole(level: Int?) throws {
        var random = SeededRandom(seed: 1)
        let byChance = (0..<70_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let text = Array(String(repeating: "{\"text\":\"Where is my order?\"},", count: 100_000).utf8)
        for content in [[], [7], byChance, text] {
            let member = try WholeGzip.compress(content.span, level: level)
            #expect(try PageCodec.decompress(member.span, .gzip, size: content.count) == content)
            #expect(try WholeGzip.compress(content.span, level: level) == member)
            #expect(member.count < content.count + content.count / 500 + 64)
        }
        #expect(try WholeGzip.compress(text.span, level: level).count < text.count / 100)
        #expect(throws: DeflateError.impossibleLevel(10)) { try WholeGzip.compress([1].span, level: 10) }
    }
}

@Suite("Compressed bytes are inflated, and doubtful ones refused")
struct InflateTests {
    /// `hello` in the frames of RFC 1950 and 1951.
    private static let zlibFrame: [UInt8] = [0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x06, 0x2C, 0x02, 0x15]

    @Test("deflate is read with its zlib frame and without")
    func deflate() throws {
        #expect(try decode(Self.zlibFrame, .deflate) == Array("hello".utf8))
        #expect(try decode(Array(Self.zlibFrame.dropFirst(2).dropLast(4)), .deflate) == Array("hello".utf8))
        #expect(throws: InflateError.corrupt) { try decode(Self.zlibFrame.dropLast() + [0], .deflate) }
        #expect(throws: InflateError.trailingBytes) { try decode(Self.zlibFrame + [0], .deflate) }
        // Some of what follows has been read ahead.
        for count in 1...20 {
            let followed = Self.zlibFrame.dropFirst(2).dropLast(4) + [UInt8](repeating: 0, count: count)
            #expect(throws: InflateError.trailingBytes) { try decode(Array(followed), .deflate) }
        }
        // As zlib's, but with a window of 64 KiB, which does not exist.
        #expect(throws: InflateError.corrupt) { try decode([0x88, 0x1C] + Self.zlibFrame.dropFirst(2), .deflate) }
        #expect(throws: InflateError.truncated) { try decode(Self.zlibFrame.dropLast(), .deflate) }
    }

    @Test("bytes that follow a stream are told, though it was read to its end before its content was out", arguments: 0...9)
    func readAhead(count: Int) throws {
        // A block of fixed codes with 65,538 zeros, of which the first 64 KiB fill the buffer: a zero, and 254 times 258 more and one of 5.
        var bits: [Bool] = [true, true, false]
        func add(_ code: Int, _ length: Int) { for place in (0..<length).reversed() { bits.append(code >> place & 1 == 1) } }
        add(0x30, 8)
        for _ in 0..<254 {
            add(0b1100_0101, 8)
            add(0, 5)
        }
        add(0b000_0011, 7)
        add(0, 5)
        add(0, 7)
        let stream = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<min(start + 8, bits.count)].enumerated().reduce(UInt8(0)) { $0 | ($1.element ? 1 << UInt8($1.offset) : 0) }
        }
        let zeros = [UInt8](repeating: 0, count: 1 + 254 * 258 + 5)
        if count == 0 {
            #expect(try decode(stream, .deflate) == zeros)
        } else {
            let followed = stream + [UInt8](repeating: 0, count: count)
            #expect(throws: InflateError.trailingBytes) { try decode(followed, .deflate) }
        }
    }

    @Test("members one after the other are one body, but not one file")
    func members() throws {
        let (first, second) = (sample(100_000), sample(70_000, seed: 2))
        let both = try gzip(first, blocksOf: 50_000) + gzip(second, blocksOf: 50_000)
        #expect(try decode(both) == first + second)
        #expect(throws: InflateError.trailingBytes) { try read(both, chunksOf: 1 << 20) }
        #expect(throws: InflateError.trailingBytes) { try read(both, chunksOf: 1) }
    }

    @Test("a body is given up once it holds more than the limit")
    func limit() throws {
        let content = [UInt8](repeating: 0x61, count: 1_000_000)
        let file = try gzip(content, blocksOf: 1_000_000)
        #expect(try decode(file, limit: 1_000_000) == content)
        #expect(throws: InflateError.tooLarge(limit: 999_999)) { try decode(file, limit: 999_999) }
        #expect(throws: InflateError.tooLarge(limit: 0)) { try decode(file, limit: 0) }
        #expect(try decode(gzip([], blocksOf: 1), limit: 0) == [])
    }

    @Test("a file cut anywhere is refused, whole and in chunks")
    func cut() throws {
        let file = try gzip(sample(300), blocksOf: 100)
        for length in file.indices {
            #expect(throws: InflateError.truncated) { try decode(Array(file.prefix(length))) }
            #expect(throws: InflateError.truncated) { try read(Array(file.prefix(length)), chunksOf: 16) }
        }
    }

    @Test("no changed bit after the header gives other content, and nearly all are refused")
    func corrupt() throws {
        let content = sample(300)
        let file = try gzip(content, blocksOf: 100)
        var unnoticed = 0
        for place in GzipMember.header.count..<file.count {
            for bit in 0..<8 {
                var damaged = file
                damaged[place] ^= 1 << UInt8(bit)
                let whole = try? decode(damaged)
                let chunked = try? read(damaged, chunksOf: 64).content
                #expect(whole == chunked && (whole == nil || whole == content), "bit \(bit) of byte \(place)")
                unnoticed += whole == nil ? 0 : 1
            }
        }
        // Deflate has bits without a meaning, as those that fill up the byte before a flush.
        #expect(unnoticed < 3 * 2 * 8)
    }

    @Test("what is no gzip is called corrupt from its first bytes, and what is cut is called truncated")
    func mark() throws {
        for bytes in [[0x7B], [0x7B, 0x7D], [0x1F, 0x8C], [0x1F, 0x8B, 9]] as [[UInt8]] {
            #expect(throws: InflateError.corrupt) { try decode(bytes) }
            #expect(throws: InflateError.corrupt) { try read(bytes, chunksOf: 1) }
        }
        for length in 0...3 {
            let bytes = Array(GzipMember.header.prefix(length))
            #expect(throws: InflateError.truncated) { try decode(bytes) }
            #expect(throws: InflateError.truncated) { try read(bytes, chunksOf: 1) }
        }
        let member = try gzip(sample(300), blocksOf: 100)
        #expect(throws: InflateError.corrupt) { try decode(member + [0x1F, 0x8C]) }
    }

    @Test("bytes after the end are refused", arguments: [[0], [0x1F], [0x1F, 0x8B], Array("\n".utf8)] as [[UInt8]])
    func trailing(bytes: [UInt8]) throws {
        let file = try gzip(sample(300), blocksOf: 100) + bytes
        #expect(throws: bytes[0] == 0x1F ? InflateError.truncated : .trailingBytes) { try decode(file) }
        #expect(throws: InflateError.trailingBytes) { try read(file, chunksOf: file.count) }
        #expect(throws: InflateError.trailingBytes) { try read(file, chunksOf: file.count - bytes.count) }
    }

    @Test("a file is read in chunks of any size, and its content comes in bounded pieces", arguments: [1, 2, 13, 1000, 1 << 20])
    func chunks(size: Int) throws {
        let content = [UInt8](repeating: 0x61, count: 65_536 * 3) + sample(size == 1 ? 1000 : 300_000)
        let (read, largest) = try read(gzip(content, blocksOf: 123_456), chunksOf: size)
        #expect(read == content)
        #expect(largest <= 65_536)
    }

    @Test("a header with all that RFC 1952 has is read, in chunks of any size", arguments: [1, 2, 7, 1000])
    func header(size: Int) throws {
        let content = sample(300)
        let plain = try gzip(content, blocksOf: 100)
        // A checksum of the header, an extra field, a name and a comment.
        var header: [UInt8] = [0x1F, 0x8B, 8, 0b11110, 1, 2, 3, 4, 0, 3]
        header += [5, 0, 0x41, 0x70, 1, 0, 0x1F] + Array("a name\0".utf8) + Array("a comment\0".utf8)
        let checksum = Checksum.crc32(header.span)
        let file = header + [UInt8(truncatingIfNeeded: checksum), UInt8(truncatingIfNeeded: checksum >> 8)] + plain.dropFirst(10)
        #expect(try read(file, chunksOf: size).content == content)
        #expect(try decode(file) == content)
        var damaged = file
        damaged[header.count] ^= 1
        #expect(throws: InflateError.corrupt) { try read(damaged, chunksOf: size) }
        for reserved in [0x20, 0x40, 0x80] as [UInt8] {
            var later = plain
            later[3] = reserved
            #expect(throws: InflateError.corrupt) { try read(later, chunksOf: size) }
        }
    }

    @Test("bytes that no stream has are refused, whatever comes", arguments: 1...200)
    func chance(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let content = sample(Int.random(in: 0...200_000, using: &random), seed: seed)
        let level = [nil, 1, 6].randomElement(using: &random) ?? nil
        var file = try gzip(content, blocksOf: Int.random(in: 1000...100_000, using: &random), level: level)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: GzipMember.header.count..<file.count, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: file[place] = UInt8.random(in: 0...255, using: &random)
            case 1: file.removeSubrange(place..<min(place + 1 + place % 7, file.count))
            default: file.insert(contentsOf: file[(place / 2)..<place].prefix(50), at: place)
            }
        }
        for size in [13, 4096, 1 << 20] {
            let found = try? read(file, chunksOf: size).content
            #expect(found == nil || found == content, "chunks of \(size)")
        }
        let whole = try? decode(file)
        #expect(whole == nil || whole == content)
    }

    @Test("what the caller throws while reading comes out")
    func callerThrows() throws {
        struct Stop: Error {}
        let file = try gzip(sample(300), blocksOf: 100)
        var reader = try GzipReader()
        var stopped = false
        do {
            try reader.read(file.span) { _ in throw Stop() }
        } catch is Stop {
            stopped = true
        }
        #expect(stopped)
    }
}
