import Foundation
import Synchronization
import TestSupport

/// Something that a store does not do as it says, or does not say as it is: at some requests of a kind, from one on.
struct StoreLie: Sendable, CustomStringConvertible {
    let kind: String
    /// Of the key. Empty: any.
    let part: String
    /// How many requests of the kind are answered truly before, and how many are not then.
    let after: Int
    let times: Int
    let name: String
    let fault: @Sendable (StoreCall) -> StoreFault

    var description: String {
        "\(name) at \(kind) \(part) \(after + 1)\(times == .max ? " and all later ones" : times > 1 ? " to \(after + times)" : "")"
    }

    static func random(_ random: inout SeededRandom) -> StoreLie {
        let kind = random.pick([
            "list", "list", "uploads", "get", "head", "put", "put", "put", "begin", "part", "complete", "complete", "delete",
            "abort",
        ])
        let part =
            ["get", "head", "put", "delete"].contains(kind) ? random.pick(["", "", "/windows/", "/lock.", ".ndjson", ".csv"]) : ""
        let (name, fault) = random.pick(of(kind) + inPlaceOfAny)
        return StoreLie(
            kind: kind, part: part, after: random.pick([0, 0, 1, 2, random.below(12)]), times: random.pick([1, 1, 2, .max, .max]),
            name: name,
            fault: fault)
    }

    private typealias Named = (String, @Sendable (StoreCall) -> StoreFault)

    /// What stands in the place of any answer.
    private static let inPlaceOfAny: [Named] = [
        ("a page with 200", { _ in .instead(.page(200), isDone: false) }),
        ("a page with 200, though it was done", { _ in .instead(.page(200), isDone: true) }),
        ("a page with 404", { _ in .instead(.page(404), isDone: false) }),
        ("404 without words", { _ in .instead(.init(status: 404), isDone: false) }),
        ("an empty 200", { _ in .instead(.init(), isDone: false) }),
        ("204", { _ in .instead(.init(status: 204), isDone: false) }),
        ("another error", { _ in .instead(.error(418, "Teapot"), isDone: false) }),
        ("an error with 200", { _ in .instead(.error(200, "AccessDenied"), isDone: false) }),
        ("half an answer", { _ in .changed { $0.body = Array($0.body.prefix($0.body.count / 2)) } }),
        ("no headers", { _ in .changed { $0.headers = [:] } }),
        ("times that are none", { _ in .changed { $0.headers["Last-Modified"] = "Thu, 31 Feb 99999 99:99:99 GMT" } }),
    ]

    private static func of(_ kind: String) -> [Named] {
        switch kind {
        case "list": ListLie.allCases.map(list) + swaps
        case "uploads":
            [
                (
                    "uploads of others",
                    { _ in .instead(uploads(["z/kept.csv", "a b/victim", "a b/x"], more: false), isDone: false) }
                ),
                ("the same uploads without end", { _ in .instead(uploads(["a b/x/u"], more: true), isDone: false) }),
            ]
        case "head": [length(1), length(-1), length(1 << 20), anotherHash]
        case "put", "part", "complete":
            [
                (
                    "lost",
                    { _ in .instead(.init(headers: ["ETag": "\"e\""], body: kind == "complete" ? completed : []), isDone: false) }
                ),
                ("cut", { _ in .keeping { Array($0.dropLast(1 + $0.count / 3)) } }),
                ("emptied", { _ in .keeping { _ in [] } }),
                ("a write whatever stands there", { _ in .noConditions }),
            ]
        case "delete", "abort": [("not removed", { _ in .instead(.init(status: 204), isDone: false) })]
        case "begin":
            [("no identity", { _ in .instead(.init(body: Array("<InitiateMultipartUploadResult/>".utf8)), isDone: false) })]
        default: [("other bytes", { _ in .changed { $0.body = Array($0.body.reversed()) } })]
        }
    }

    private static func list(_ lie: ListLie) -> Named {
        ("a list (\(lie.rawValue))", { .instead(lie.answer($0), isDone: false) })
    }

    private static func length(_ more: Int) -> Named {
        ("a length off by \(more)", { _ in .changed { $0.body = [UInt8](repeating: 0, count: max(0, $0.body.count + more)) } })
    }

    private static let anotherHash: Named = (
        "another hash", { _ in .changed { $0.headers["x-amz-meta-sha256"] = String(repeating: "0", count: 64) } }
    )

    private static let completed = Array("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>".utf8)

    /// Keys of others in the place of the own ones.
    private static let swaps: [Named] = [
        ("keys of others", { _ in .instead(.list(["a b/victim", "z/kept.csv"], isTruncated: "false"), isDone: false) }),
        (
            "names that are none",
            { call in
                let prefix = call.query["prefix"] ?? ""
                return .instead(
                    .list(
                        ["", "../../victim", "/", "..json", "units-a/../x.000000000001"].map { prefix + $0 }.sorted {
                            $0.utf8.lexicographicallyPrecedes($1.utf8)
                        }, isTruncated: "false"), isDone: false)
            }
        ),
        ("no key", { _ in .instead(.list([], isTruncated: "false"), isDone: false) }),
    ]

    private static func uploads(_ keys: [String], more: Bool) -> StoreResponse {
        let list = keys.enumerated().map { "<Upload><Key>\($0.element)</Key><UploadId>other-\($0.offset)</UploadId></Upload>" }
            .joined()
        return .init(
            body: Array("<ListMultipartUploadsResult><IsTruncated>\(more)</IsTruncated>\(list)</ListMultipartUploadsResult>".utf8))
    }
}

/// The lies of a store, each at its requests.
final class StoreLies: Sendable {
    private let lies: [StoreLie]
    private let counts: Mutex<[Int]>

    init(_ lies: [StoreLie]) {
        self.lies = lies
        counts = Mutex([Int](repeating: 0, count: lies.count))
    }

    /// How often one was told.
    var told: Int { counts.withLock { counts in zip(counts, lies).map { max(0, min($0 - $1.after, $1.times)) }.reduce(0, +) } }

    func fault(_ call: StoreCall) -> StoreFault? {
        counts.withLock { counts in
            var found: StoreFault?
            for (index, lie) in lies.enumerated() where call.kind == lie.kind && (lie.part.isEmpty || call.key.contains(lie.part)) {
                defer { counts[index] += 1 }
                if found == nil, counts[index] >= lie.after, counts[index] - lie.after < lie.times { found = lie.fault(call) }
            }
            return found
        }
    }
}
