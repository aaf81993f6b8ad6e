public import TestSupport

/// A part of the product that is given inputs by chance.
///
/// An input is bytes, and says all there is to say of a case, so that one that was written to a file can be tried again.
public protocol FuzzTarget: Sendable {
    /// `json`, `rows`; also what the oracle calls it.
    var name: String { get }

    /// Makes an input; the same for the same numbers.
    func input(_ random: inout SeededRandom) -> [UInt8]

    /// What the product makes of the input, in the form that the oracle expects. Nil where there is nothing to ask it.
    ///
    /// Throws where the answer is wrong whatever the oracle would say.
    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]?
}

/// What is wrong with what the product made of an input.
public struct Disagreement: Error, Sendable, Hashable {
    public let words: String

    init(_ words: String) {
        self.words = words
    }
}

/// An input that the product does not get right.
public struct Finding: Sendable, Hashable {
    public let target: String
    public let input: [UInt8]
    public let words: String
}
