/// Writes a structure in Thrift's compact protocol, the encoding of Parquet's metadata.
///
/// Fields are written in the ascending order of their numbers.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastField = 0

    /// The types of fields, and of the elements of lists.
    enum FieldType: UInt8 {
        case `true` = 1
        case `false` = 2
        case byte = 3
        case int32 = 5
        case int64 = 6
        case binary = 8
        case list = 9
        case structure = 12
    }

    mutating func boolean(_ field: Int, _ value: Bool) { begin(field, value ? .true : .false) }

    mutating func byte(_ field: Int, _ value: UInt8) {
        begin(field, .byte)
        bytes.append(value)
    }

    mutating func int32(_ field: Int, _ value: Int) {
        begin(field, .int32)
        append(zigzag: value)
    }

    mutating func int64(_ field: Int, _ value: Int) {
        begin(field, .int64)
        append(zigzag: value)
    }

    mutating func binary(_ field: Int, _ value: some Collection<UInt8>) {
        begin(field, .binary)
        append(binary: value)
    }

    mutating func structure(_ field: Int, _ content: (inout ThriftWriter) -> Void = { _ in }) {
        begin(field, .structure)
        append(structure: content)
    }

    mutating func list(_ field: Int, of type: FieldType, count: Int, _ content: (inout ThriftWriter) -> Void) {
        begin(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            bytes.append(varint: count)
        }
        content(&self)
    }

    // MARK: Elements of lists

    mutating func append(int32 value: Int) { append(zigzag: value) }

    mutating func append(binary value: some Collection<UInt8>) {
        bytes.append(varint: value.count)
        bytes.append(contentsOf: value)
    }

    mutating func append(structure content: (inout ThriftWriter) -> Void) {
        let outer = lastField
        lastField = 0
        content(&self)
        bytes.append(0)
        lastField = outer
    }

    /// Appends elements that were already encoded.
    mutating func append(written elements: [UInt8]) { bytes += elements }

    private mutating func append(zigzag value: Int) {
        bytes.append(varint: Int(bitPattern: UInt(bitPattern: value << 1 ^ value >> 63)))
    }

    private mutating func begin(_ field: Int, _ type: FieldType) {
        let step = field - lastField
        if (1...15).contains(step) {
            bytes.append(UInt8(step) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            append(zigzag: field)
        }
        lastField = field
    }
}

extension [UInt8] {
    /// Appends an unsigned number in groups of seven bits, beginning with the lowest.
    mutating func append(varint value: Int) {
        var rest = UInt(bitPattern: value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Appends the bytes of a number, beginning with the lowest.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
