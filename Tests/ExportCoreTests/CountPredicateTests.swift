import ExportCore
import Foundation
import Testing

/// What rows are counted by.
@Suite struct CountPredicateTests {
    private func usable(_ filters: Filters) -> Set<CountPredicate> { Set(CountPredicate.allCases.filter(filters.canCount)) }

    @Test("a predicate that the query sets itself is not counted by, nor one whose meaning it changes")
    func query() {
        let plain = Set(CountPredicate.allCases).subtracting([.isNotDeleted])
        #expect(usable(Filters()) == plain)
        #expect(usable(Filters(values: [.isMarked: "false", .device: "mobile"])) == plain.subtracting([.isMarked]))
        let sentiments: Set<CountPredicate> = [.isPositive, .isNeutral, .isNegative]
        #expect(usable(Filters(values: [.feedbackSentiment: "negative"])) == plain.subtracting(sentiments))
        #expect(usable(Filters(values: [.feedbackSource: "customer"])) == plain.subtracting(sentiments))
        #expect(usable(Filters(values: [.includeDeleted: "true"])) == Set(CountPredicate.allCases))
        #expect(usable(Filters(onlyDeleted: true)) == plain)
        #expect(usable(Filters(extra: [.init(name: "has_action", value: "1")])) == plain.subtracting([.hasAction]))
    }

    @Test("a predicate is sent as its raw value says")
    func parameters() {
        for predicate in CountPredicate.allCases {
            let filters = Filters(values: [.includeDeleted: "true"]).matching(predicate)
            #expect(filters.parameters.map { "\($0.name)=\($0.value)" }.contains(predicate.rawValue))
            #expect(CountMeasure(name: CountMeasure.matching(predicate).name) == .matching(predicate))
        }
        #expect(Set(CountPredicate.allCases.map(\.place)) == Set(0..<8))
        #expect(CountMeasure(name: "rows") == .rows && CountMeasure(name: "is_read=true") == nil)
    }

    @Test("sums come back from their file as they were written, without those that the rows do not show")
    func sums() throws {
        var sums = RowSums()
        (sums.rows, sums[.isMarked], sums[.hasAction]) = (9, 4, nil)
        let content = try JSONEncoder().encode(sums)
        #expect(try JSONDecoder().decode(RowSums.self, from: content) == sums)
        let other = Data(#"{"rows":3,"is_marked":1}"#.utf8)
        let read = try JSONDecoder().decode(RowSums.self, from: other)
        #expect(read.rows == 3 && CountPredicate.allCases.allSatisfy { read[$0] == nil })
    }
}
