import Testing

@testable import ExportEngine

@Suite struct ExtraCheckTests {
    @Test(
        "a parameter is ignored where neither it nor a value that no conversation has changes what is counted",
        arguments: [
            (400, 400, 400, true),
            // It holds of all.
            (400, 400, 0, false), (400, 400, nil, false),
            (400, 6, 400, false), (400, 0, 0, false),
            // There is nothing to count.
            (0, 0, 0, false),
        ] as [(Int, Int, Int?, Bool)])
    func ignored(without: Int, with: Int, withNonsense: Int?, isIgnored: Bool) {
        #expect(ExtraCheck.Counts(without: without, with: with, withNonsense: withNonsense).showsIgnored == isIgnored)
    }
}
