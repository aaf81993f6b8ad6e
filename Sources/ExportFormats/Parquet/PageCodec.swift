import ExportCore

/// Compresses the pages of a Parquet file.
struct PageCodec: Sendable {
    let compression: Output.Compression

    /// The codec's number in the format.
    var number: Int {
        switch compression {
        case .none: 0
        case .gzip: 2
        }
    }

    /// A page as it is stored.
    func compress(_ page: [UInt8]) throws(DeflateError) -> [UInt8] {
        switch compression {
        case .none: return page
        case .gzip(let level):
            let block = try GzipBlock(compressing: page.span, level: level)
            var member = GzipMember()
            member.append(block)
            return GzipMember.header + block.bytes + member.finish()
        }
    }
}
