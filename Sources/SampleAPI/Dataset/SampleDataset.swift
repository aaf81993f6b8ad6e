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

    /// - Parameters:
    ///   - rows: how many; 400 by default, the number of the committed sample
    ///   - seed: of everything that looks like chance
    ///   - tied: how many rows share one `started_at`; by default 40, or one in 50 where that is more: an instant with more rows
    ///     than a page of 100 begins at 5,050 rows
    ///   - days: that the rows are spread over, `minimumDays` at the least; by default one for 600 rows
    ///   - minimumRowBytes: conversations go on until their full row has about so many bytes; by default rows have 0.5 to 7 KB,
    ///     2 KB on average
    ///   - hasOddNumbers: whether some metadata has numbers that neither 64 bits nor a float can hold; some readers end at them
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
