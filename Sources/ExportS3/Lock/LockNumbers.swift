import ExportCore
import ExportStore

/// The objects that make up a lock: `<prefix>.<number>`, with a number of twelve digits, from one.
struct LockNumbers: Sendable {
    private static let digits = 12
    /// The length of a key after the prefix.
    static let suffixLength = digits + 1

    /// The prefix of the keys, without the point.
    let prefix: String

    func key(_ number: Int) -> String {
        let digits = String(number)
        return "\(prefix).\(String(repeating: "0", count: max(0, Self.digits - digits.count)))\(digits)"
    }

    /// The number in a key. `nil` if it is not the key of such an object.
    func number(ofKey key: String) -> Int? {
        let digits = key.utf8.suffix(Self.digits)
        // The largest number is excluded, because none could follow it.
        guard let number = Int(String(decoding: digits, as: UTF8.self)), 0..<Self.end ~= number,
            self.key(number).utf8.elementsEqual(key.utf8)
        else {
            return nil
        }
        return number
    }

    private static let end = 999_999_999_999

    /// The last object, which is the valid one.
    struct Last: Sendable {
        let number: Int
        let object: StoredObject
        /// Its record. `nil` if it cannot be read.
        let record: LockRecord?
        /// Earlier numbers that still exist.
        let outdated: [Int]
    }

    /// How often a list is requested again if its last object no longer exists because the lock was renewed meanwhile.
    private static let rounds = 10

    /// Reads the last object. `nil` if there is none.
    /// - Throws: `StoreError.objectStore`, `CancellationError`.
    func last(_ client: StoreClient) async throws -> Last? {
        for _ in 0..<Self.rounds {
            var numbers: [Int] = []
            try await client.forEachKey("\(prefix).", most: ListingCheck.maximumNames) { key in
                if let number = number(ofKey: key) { numbers.append(number) }
            }
            guard let last = numbers.max() else { return nil }
            if let object = try await client.get(key(last)) {
                var record = LockRecord(object.content)
                if let holder = record?.holder { record?.holder = await client.redacted(holder) }
                return Last(number: last, object: object, record: record, outdated: numbers.filter { $0 < last })
            }
        }
        throw client.fault(.malformed)
    }
}
