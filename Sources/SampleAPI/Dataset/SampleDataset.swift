/// A made-up shop's conversations, the same for the same numbers on every machine.
///
/// Ten languages in seven scripts, awkward texts, numbers no float can hold, metadata of changing shape, rows on both sides of
/// midnight and of a daylight saving change, many rows at one instant, late arrivals, soft deletions. From 2026-03-23 on, over a
/// fortnight; larger datasets have about 600 rows a day, or as many as they are told.
public struct SampleDataset: Sendable {
    /// The committed sample: 400 rows, seed 1.
    public static let standard = SampleDataset()

    /// A fortnight, over which small datasets are spread.
    public static let minimumDays = 14

    /// In order of id.
    let rows: [SampleRow]
    let seed: UInt64
    /// The first instant of the calendar and the first after it.
    let span: Range<Moment>

    /// Creates a dataset.
    /// - Parameters:
    ///   - rows: The number of rows. Default: 400, as in the committed sample.
    ///   - seed: The seed of all random choices.
    ///   - tied: The number of rows that share one `started_at`. Default: 40, or one in 50 if that is more; from 5,050 rows on, that
    ///     exceeds a page of 100.
    ///   - days: The number of days over which rows are spread, at least `minimumDays`. Default: one for 600 rows.
    ///   - minimumRowBytes: The approximate minimum size of a full row. By default rows have 0.5 to 7 KB, 2 KB on average.
    ///   - hasOddNumbers: Whether some metadata has numbers that neither 64 bits nor a float can represent, at which some readers fail.
    public init(
        rows: Int = 400, seed: UInt64 = 1, tied: Int? = nil, days: Int? = nil, minimumRowBytes: Int = 0, hasOddNumbers: Bool = true
    ) {
        let calendar = SampleCalendar(rows: max(0, rows), seed: seed, tied: tied ?? max(40, rows / 50), days: days)
        self.rows = calendar.arrivals.map { arrival in
            var composer = RowComposer(
                index: arrival.index, id: arrival.id, startedAt: arrival.startedAt, seed: seed, minimumBytes: minimumRowBytes,
                hasOddNumbers: hasOddNumbers)
            return composer.compose()
        }
        self.seed = seed
        span = calendar.span
    }

    /// Every row in full JSON, as the list gives it, one a line, in order of id: the content of `samples/conversations.ndjson`.
    public var ndjson: [UInt8] {
        var bytes: [UInt8] = []
        for row in rows {
            row.append(.full, withTickets: false, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// The tickets of the rows that have some, which the list shows only on request: `{"conversation":…,"tickets":[…]}`, one a
    /// line, in order of id: the content of `samples/tickets.ndjson`.
    public var ticketsNDJSON: [UInt8] {
        var bytes: [UInt8] = []
        for row in rows where row.hasTickets {
            bytes += "{\"conversation\":\(row.id),\"tickets\":".utf8
            bytes += row.tickets
            bytes += "}\n".utf8
        }
        return bytes
    }
}
