import ExportCore
import Testing

@Suite struct LatencyHistogramTests {
    /// The median and the 95th percentile.
    private func told(_ times: [(count: Int, milliseconds: Int)]) -> [Int]? {
        histogram(times).latency.map { [$0.median, $0.p95] }
    }

    private func histogram(_ times: [(count: Int, milliseconds: Int)]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for time in times {
            for _ in 0..<time.count { histogram.add(.milliseconds(time.milliseconds)) }
        }
        return histogram
    }

    @Test("the median is told of the half, and the 95th percentile of the slow ones: the ends of their steps, in milliseconds")
    func quantiles() {
        // Steps end at powers of two and three between each: 11 is behind 10, 128 behind 120, 1024 behind 1000.
        #expect(told([(94, 10), (6, 1000)]) == [11, 1024])
        #expect(told([(95, 10), (5, 1000)]) == [11, 11])
        #expect(told([(49, 10), (45, 120), (6, 1000)]) == [128, 1024])
        #expect(told([(50, 10), (50, 120)]) == [11, 128])
        #expect(told([(1, 120)]) == [128, 128])
        #expect(told([]) == nil)
    }

    @Test("what two runs took is told as of one")
    func sum() {
        var both = histogram([(94, 10)])
        both.add(histogram([(6, 1000)]))
        #expect(both == histogram([(6, 1000), (94, 10)]))
        #expect(both.latency.map { [$0.median, $0.p95] } == [11, 1024])
    }
}
