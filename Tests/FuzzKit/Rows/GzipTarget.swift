import ExportFormats
import TestSupport

/// Blocks joined to a member, and damaged members, against another's inflater.
///
/// An input is eight bytes and the content: level, blocks, sizes of the chunks that are read (two bytes), place of the damage
/// (three bytes), what is XORed into the byte there or, from 0x80, cut off behind it; 0 leaves the file whole.
struct GzipTarget: FuzzTarget {
    let name = "gzip"

    func input(_ random: inout SeededRandom) -> [UInt8] {
        var head = (0..<7).map { _ in UInt8(random.below(256)) }
        head.append(random.oneIn(2) ? 0 : UInt8(random.below(256)))
        let size = random.oneIn(20) ? random.below(200_000) : random.below(2000)
        let isRandom = random.oneIn(3)
        let phrase = (0...random.below(40)).map { _ in UInt8(random.below(256)) }
        return head + (0..<size).map { isRandom ? UInt8(random.below(256)) : phrase[$0 % phrase.count] }
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        guard input.count >= 8 else { throw Disagreement("the case is incomplete") }
        let numbers = input.map(Int.init)
        let content = Array(input[8...])
        var file = try member(of: content, level: numbers[0] % 10 == 0 ? nil : numbers[0] % 10, blocks: 1 + numbers[1] % 5)
        let place = (numbers[4] << 16 + numbers[5] << 8 + numbers[6]) % file.count
        switch numbers[7] {
        case 0: break
        case 1..<0x80: file[place] ^= input[7]
        default: file.removeSubrange(place...)
        }
        let read = read(file, chunk: 1 + numbers[2] << 8 + numbers[3])
        guard numbers[7] > 0 || read == content else { throw Disagreement("the member does not give its content back") }
        let decoded = try? ContentEncoding.gzip.decode(file.span, limit: 1 << 20)
        guard read == nil || decoded == read else { throw Disagreement("a file and the body of an answer are read differently") }
        return [read == nil ? 0 : 1] + file
    }

    private func member(of content: [UInt8], level: Int?, blocks: Int) throws(Disagreement) -> [UInt8] {
        var (member, file) = (GzipMember(), GzipMember.header)
        for index in 0..<blocks {
            let range = (content.count * index / blocks)..<(content.count * (index + 1) / blocks)
            guard let block = try? GzipBlock(compressing: content.span.extracting(range), level: level) else {
                throw Disagreement("a block was not compressed")
            }
            member.append(block)
            file += block.bytes
        }
        return file + member.finish()
    }

    /// Nil where the reader refuses the file.
    private func read(_ file: [UInt8], chunk: Int) -> [UInt8]? {
        do {
            var content: [UInt8] = []
            var reader = try GzipReader()
            for start in stride(from: 0, to: file.count, by: chunk) {
                try reader.read(file.span.extracting(start..<min(file.count, start + chunk))) { piece in
                    for index in piece.indices { content.append(piece[index]) }
                }
            }
            try reader.finish()
            return content
        } catch {
            return nil
        }
    }
}
