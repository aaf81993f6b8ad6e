/// A value in Thrift's compact protocol.
indirect enum ThriftValue {
    case boolean(Bool)
    case integer(Int)
    case binary([UInt8])
    case list([ThriftValue])
    case structure(ThriftStructure)
}

/// A structure in Thrift's compact protocol: values by the numbers of their fields.
struct ThriftStructure {
    fileprivate(set) var fields: [Int: ThriftValue] = [:]

    func integer(_ field: Int) -> Int? { if case .integer(let value)? = fields[field] { value } else { nil } }
    func boolean(_ field: Int) -> Bool? { if case .boolean(let value)? = fields[field] { value } else { nil } }
    func binary(_ field: Int) -> [UInt8]? { if case .binary(let value)? = fields[field] { value } else { nil } }
    func structure(_ field: Int) -> ThriftStructure? { if case .structure(let value)? = fields[field] { value } else { nil } }

    func text(_ field: Int) -> String? { binary(field).map { String(decoding: $0, as: UTF8.self) } }

    /// The elements of a list. `nil` if there is none.
    func list(_ field: Int) -> [ThriftValue]? { if case .list(let values)? = fields[field] { values } else { nil } }

    /// The structures in a list. `nil` if there is no list, or it has other elements.
    func structures(_ field: Int) -> [ThriftStructure]? {
        guard let list = list(field) else { return nil }
        let structures = list.compactMap { if case .structure(let value) = $0 { value } else { nil } }
        return structures.count == list.count ? structures : nil
    }
}

/// An error of parsing a structure.
enum ThriftError: Error {
    /// The bytes end before the structure does.
    case truncated
    case malformed
}

/// Reads structures in Thrift's compact protocol. For any input, memory use is bounded by a small multiple of its size.
struct ThriftReader {
    private(set) var position: Int

    private static let maximumDepth = 16

    init(at position: Int = 0) { self.position = position }

    mutating func structure(_ bytes: Span<UInt8>) throws(ThriftError) -> ThriftStructure { try structure(bytes, depth: 0) }

    private mutating func structure(_ bytes: Span<UInt8>, depth: Int) throws(ThriftError) -> ThriftStructure {
        guard depth < Self.maximumDepth else { throw .malformed }
        var result = ThriftStructure()
        var field = 0
        while true {
            let header = try byte(bytes)
            if header == 0 { return result }
            let step = Int(header >> 4)
            field = step == 0 ? try zigzag(bytes) : field &+ step
            result.fields[field] = try value(header & 0xF, bytes, depth: depth)
        }
    }

    private mutating func value(_ type: UInt8, _ bytes: Span<UInt8>, depth: Int) throws(ThriftError) -> ThriftValue {
        switch type {
        case 1: return .boolean(true)
        case 2: return .boolean(false)
        case 3: return .integer(Int(Int8(bitPattern: try byte(bytes))))
        case 4, 5, 6: return .integer(try zigzag(bytes))
        case 8:
            let count = try count(bytes)
            defer { position += count }
            return .binary([UInt8](copying: bytes.extracting(position..<position + count)))
        case 9, 10:
            let header = try byte(bytes)
            let count = header >> 4 == 15 ? try count(bytes) : Int(header >> 4)
            guard count <= bytes.count - position else { throw .truncated }
            var values: [ThriftValue] = []
            for _ in 0..<count { values.append(try element(header & 0xF, bytes, depth: depth + 1)) }
            return .list(values)
        case 12: return .structure(try structure(bytes, depth: depth + 1))
        default: throw .malformed
        }
    }

    private mutating func element(_ type: UInt8, _ bytes: Span<UInt8>, depth: Int) throws(ThriftError) -> ThriftValue {
        guard depth < Self.maximumDepth else { throw .malformed }
        // Unlike in a field, a boolean in a list takes a byte.
        if type == 1 || type == 2 { return .boolean(try byte(bytes) == 1) }
        return try value(type, bytes, depth: depth)
    }

    private mutating func byte(_ bytes: Span<UInt8>) throws(ThriftError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func count(_ bytes: Span<UInt8>) throws(ThriftError) -> Int {
        let count = try varint(bytes)
        guard count <= UInt(bytes.count - position) else { throw .truncated }
        return Int(count)
    }

    private mutating func zigzag(_ bytes: Span<UInt8>) throws(ThriftError) -> Int {
        let value = try varint(bytes)
        return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
    }

    private mutating func varint(_ bytes: Span<UInt8>) throws(ThriftError) -> UInt {
        var (value, shift): (UInt, UInt) = (0, 0)
        while true {
            let byte = try byte(bytes)
            guard shift < 64 else { throw .malformed }
            value |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }
}
