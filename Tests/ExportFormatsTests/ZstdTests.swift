import ExportCore
import TestSupport
import Testing

@testable import ExportFormats

@Suite(.enabled(if: Zstd.isAvailable, "this build has no zstd")) struct ZstdTests {
    private static func compressed(
        _ content: [UInt8], level: Int? = nil, workers: Int = 2, piece: Int = 1 << 19
    ) throws -> [UInt8] {
        var file: [UInt8] = []
        var compressor = try ZstdCompressor(level: level, workers: workers)
        var position = 0
        while position < content.count {
            let end = min(position + piece, content.count)
            try compressor.write(content.span.extracting(position..<end)) { file += $0 }
            position = end
        }
        try compressor.finish { file += $0 }
        return file
    }

    private static func decompressed(_ file: [UInt8], piece: Int = 1 << 16) throws -> [UInt8] {
        var content: [UInt8] = []
        var reader = try ContentReader(.zstd)
        var position = 0
        while position < file.count {
            let end = min(position + piece, file.count)
            try reader.read(file.span.extracting(position..<end)) { content += [UInt8](copying: $0) }
            position = end
        }
        try reader.finish()
        return content
    }

    /// Lines that are alike, and not the same.
    private static func text(_ bytes: Int) -> [UInt8] {
        var random = SeededRandom(seed: 7)
        var text: [UInt8] = []
        while text.count < bytes {
            text += Array(#"{"id":\#(UInt32.random(in: 0...9_999_999, using: &random)),"name":"a conversation"}"#.utf8) + [0x0A]
        }
        return Array(text.prefix(bytes))
    }

    @Test("what is compressed comes back, of every size and level, in pieces of any size", arguments: [nil, 1, 9, 19] as [Int?])
    func roundTrip(level: Int?) throws {
        for size in [0, 1, 1000, 1 << 17, 5_000_000] {
            let content = Self.text(size)
            let file = try Self.compressed(content, level: level)
            for piece in [1 << 16, 1021] { #expect(try Self.decompressed(file, piece: piece) == content, "\(size) \(piece)") }
            let page = try PageCodec(compression: .zstd(level: level)).compress(content)
            #expect(try PageCodec.decompress(page.span, .zstd, size: size) == content)
        }
    }

    @Test("the bytes do not depend on the number of threads, nor on how the content came")
    func repeatable() throws {
        let content = Self.text(9_000_000)
        let file = try Self.compressed(content)
        for workers in [1, 3, 4] { #expect(try Self.compressed(content, workers: workers) == file, "\(workers)") }
        for piece in [4099, 1 << 20, 9_000_000] { #expect(try Self.compressed(content, piece: piece) == file, "\(piece)") }
    }

    @Test("a file that is cut, followed by bytes, altered or not zstd is told, and a window beyond the bound is refused")
    func broken() throws {
        let file = try Self.compressed(Self.text(300_000))
        for end in [0, 3, 20, file.count / 2, file.count - 1] {
            #expect(throws: InflateError.truncated) { try Self.decompressed(Array(file[..<end])) }
        }
        #expect(throws: InflateError.trailingBytes) { try Self.decompressed(file + [0]) }
        // One frame, not two.
        #expect(throws: InflateError.trailingBytes) { try Self.decompressed(file + file) }
        for place in [0, 30, file.count / 2, file.count - 1] {
            var altered = file
            altered[place] ^= 0x10
            #expect(throws: InflateError.corrupt, "\(place)") { try Self.decompressed(altered) }
        }
        // Of 128 MiB: what a reader would have to hold.
        #expect(throws: InflateError.corrupt) { try Self.decompressed([0x28, 0xB5, 0x2F, 0xFD, 0x04, 17 << 3, 1, 0, 0]) }
        #expect(throws: InflateError.self) { try PageCodec.decompress(file.span, .zstd, size: 299_999) }
    }

    @Test("a level that there is not is refused, and the encoder's name says library and level")
    func levels() {
        for level in [0, 20, -1] {
            #expect(throws: ZstdError.impossibleLevel(level)) { _ = try ZstdCompressor(level: level, workers: 1) }
        }
        #expect(Zstd.encoder(level: nil).hasSuffix(" level 3") && Zstd.encoder(level: 19).hasSuffix(" level 19"))
        #expect(Zstd.encoder(level: nil).hasPrefix("zstd 1."))
    }
}
