import ExportCore

/// The words of a client program and its arguments, as in `--client`: `psql "service=dw"`.
///
/// They are not passed to a shell: quotes and backslashes group words, and no other character is special.
public struct ClientCommand: Sendable, Hashable {
    /// The program, by its name or its path.
    public let program: String
    /// Its arguments.
    public let arguments: [String]

    /// Splits a text into words.
    /// - Throws: `ClientCommandError`.
    public init(_ text: String) throws(ClientCommandError) {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch (scalar, quote) {
            case ("\0", _): throw .zero
            case ("\\", nil), ("\\", "\""):
                guard let next = scalars.next() else { throw .openBackslash }
                word = (word ?? .init()) + [next]
            case (_, let open?) where scalar == open: quote = nil
            case (_, .some): word = (word ?? .init()) + [scalar]
            case ("'", nil), ("\"", nil):
                quote = scalar
                word = word ?? .init()
            case (_, nil) where scalar.properties.isWhitespace:
                if let whole = word { words.append(String(whole)) }
                word = nil
            case (_, nil): word = (word ?? .init()) + [scalar]
            }
        }
        if let quote { throw .openQuote(String(quote)) }
        if let whole = word { words.append(String(whole)) }
        guard let first = words.first, !first.isEmpty else { throw .empty }
        program = first
        arguments = Array(words.dropFirst())
    }
}

/// An error of parsing a client command.
public enum ClientCommandError: Error, Sendable, Hashable, CustomStringConvertible {
    case empty, openBackslash, zero
    case openQuote(String)

    public var description: String {
        switch self {
        case .empty: "the client is empty: give a program and its arguments, such as psql \"service=dw\"."
        case .openBackslash: "the client ends in a backslash, which escapes nothing."
        case .zero: "the client contains U+0000."
        case .openQuote(let quote): "the client has a quote \(quote) that is not closed."
        }
    }
}
