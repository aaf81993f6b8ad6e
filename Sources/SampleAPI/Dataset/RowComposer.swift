/// Makes up one row. Each row draws from a generator of its own, by its index, and depends on nothing else.
struct RowComposer {
    var random: SplitMix
    let trait: RowTrait
    /// How many rows of the dataset had the trait before.
    let turn: Int
    let id: Int
    let startedAt: Moment
    let book: Phrasebook
    let order: String
    let price: String
    let product: String
    let minimumBytes: Int
    let hasOddNumbers: Bool

    /// - Parameters:
    ///   - index: which row of the dataset; decides its trait
    ///   - seed: of the dataset
    ///   - minimumBytes: the conversation goes on until its row has about so many
    ///   - hasOddNumbers: whether some metadata has numbers that neither 64 bits nor a float can hold
    init(index: Int, id: Int, startedAt: Moment, seed: UInt64, minimumBytes: Int = 0, hasOddNumbers: Bool = true) {
        self.minimumBytes = minimumBytes
        self.hasOddNumbers = hasOddNumbers
        random = SplitMix(seed: seed, stream: index)
        trait = RowTrait.allCases[index % RowTrait.allCases.count]
        turn = index / RowTrait.allCases.count
        self.id = id
        self.startedAt = startedAt
        // Half the customers write English, every fourth German or Croatian.
        let any: Phrasebook =
            switch random.below(20) {
            case 0..<10: .english
            case 10..<13: .german
            case 13..<16: .croatian
            default: random.pick(Phrasebook.all)
            }
        book = trait.phrasebook ?? any
        order = "#\(10_000 + random.below(90_000))"
        price = "€\(random.below(400)).\(10 + random.below(90))"
        product = random.pick(Phrasebook.products)
    }

    /// One after the other, so that a few rows show all there are.
    func inTurn<Value>(_ values: [Value]) -> Value {
        values[turn % values.count]
    }

    /// Rows on the edges of days stay, for those who look there.
    private var isOnTheHour: Bool {
        startedAt.microseconds.isMultiple(of: 3600 * Moment.second)
    }

    mutating func compose() -> SampleRow {
        let metadata = composeMetadata()
        let messages = composeMessages()
        let ended = startedAt + Int64(messages.count * 40 + random.below(900)) * Moment.second + Int64(random.below(1_000_000))
        let feedbacks = composeFeedbacks(after: ended, messages: messages)
        let tickets = composeTickets(after: ended)
        var transcript: [UInt8] = []
        JSONValue.render(
            [
                .init(key: "messages", value: .array(messages.map(\.json))),
                .init(key: "feedbacks", value: .array(feedbacks.map(\.json))),
            ],
            into: &transcript
        )
        let spelling: Moment.Spelling = random.chance(6) ? .offset : random.chance(8) ? .fraction : .plain
        var row = SampleRow(
            id: id,
            conversationID: "conv-\(random.hex(8))-\(id)",
            startedAt: startedAt,
            startedAtText: startedAt.text(spelling),
            name: composeName(),
            customerID: composeCustomer(),
            customerIPAddress: composeAddress(),
            device: trait == .emptyTexts ? "" : trait == .nulls ? nil : composeDevice(),
            language: trait == .nulls ? nil : book.language,
            environment: trait == .development || random.chance(10) ? .development : .production,
            metadata: metadata,
            endedAt: random.chance(12) ? nil : ended,
            isMarked: trait == .happyVIP || trait == .unhappyPending || random.chance(18),
            isUsed: random.chance(85),
            deletedAt: !isOnTheHour && random.chance(8) ? ended + Int64(random.below(72)) * 3600 * Moment.second : nil,
            geoLocation: composeGeoLocation(),
            searchableMessages: Array(
                messages.map { Array($0.content.lowercased().utf8) }.joined(separator: [SampleRow.textSeparator])),
            messageCount: messages.count,
            feedbackCount: feedbacks.count,
            actionNames: messages.compactMap(\.actionName),
            sentiments: feedbacks.map(\.sentiment),
            sources: feedbacks.map(\.source),
            hasTickets: !tickets.isEmpty,
            transcript: transcript,
            tickets: JSONValue.array(tickets).rendered,
            extras: composeUnknownKeys(),
            tokenUsage: composeTokenUsage(messages: messages.count)
        )
        row.renderHead()
        return row
    }

    private mutating func composeName() -> String? {
        switch trait {
        case .passwordReset: "Password reset does not arrive"
        case .emptyTexts: ""
        case .nulls: nil
        case .formulas: inTurn(EdgeCaseText.formulas)
        case .markup: inTurn(EdgeCaseText.markup)
        case .syntax: inTurn(EdgeCaseText.syntax)
        case .unicode: inTurn(EdgeCaseText.unicode)
        default: random.chance(5) ? nil : random.pick(book.names)
        }
    }

    private mutating func composeCustomer() -> String? {
        switch trait {
        case .knownCustomer: "user-456"
        case .premiumCustomer: inTurn(["premium-", "Cust.PREMIUM+"]) + "\(random.below(90))@example.test"
        case .emptyTexts: ""
        case .nulls: nil
        case .formulas: "=cmd|' /C calc'!A\(random.below(9))"
        default: random.chance(6) ? nil : "user-\(100 + random.below(900))"
        }
    }

    private mutating func composeAddress() -> String? {
        switch trait {
        case .knownAddress: "203.0.113.45"
        case .nulls: nil
        default:
            switch random.below(10) {
            case 0: nil
            case 1: "2001:db8::\(random.hex(2)):\(random.hex(4))"
            default: random.pick(["203.0.113.", "198.51.100.", "192.0.2."]) + String(random.below(254) + 1)
            }
        }
    }

    private mutating func composeDevice() -> String? {
        switch trait {
        case .happyVIP: "desktop"
        case .happyMobileEnglish, .passwordReset: "mobile"
        default:
            switch random.below(100) {
            case 0..<42: "mobile"
            case 42..<84: "desktop"
            case 84..<95: "tablet"
            default: nil
            }
        }
    }

    private mutating func composeGeoLocation() -> JSONValue {
        switch random.below(8) {
        case 0, 1: nil
        case 2: [:]
        case 3: ["ip_address": "198.51.100.7", "city": nil, "country": nil, "timezone_name": "UTC"]
        case 4:
            [
                "ip_address": "203.0.113.9", "city": "東京", "country": "JP", "timezone_name": "Asia/Tokyo",
                "latitude": .number("35.6895"),
            ]
        case 5: ["ip_address": "203.0.113.10", "city": "תל אביב-יפו", "country": "IL", "timezone_name": "Asia/Jerusalem"]
        default:
            ["ip_address": "203.0.113.11", "city": "Zagreb", "country": "HR", "timezone_name": "Europe/Zagreb", "accuracy_km": 20]
        }
    }

    /// A newer release sends keys that nobody has documented.
    private mutating func composeUnknownKeys() -> [UInt8] {
        guard trait == .unknownKeys || random.chance(4) else { return [] }
        var bytes: [UInt8] = [UInt8(ascii: ",")]
        JSONValue.render(
            [
                .init(key: "csat_prediction", value: .number("0.\(random.below(100))")),
                .init(
                    key: "handover",
                    value: random.chance(50) ? nil : ["to": .string("team-\(random.below(5))"), "reason": .string(price)]),
            ],
            into: &bytes
        )
        return bytes
    }

    private mutating func composeTokenUsage(messages: Int) -> JSONValue {
        guard messages > 0 else { return nil }
        let tokens = messages * (80 + random.below(400))
        return [
            "total_tokens": .integer(tokens), "cost_usd": .string("0.00\(1000 + random.below(9000))00"),
            "by_model": [["model": "assistant-large", "total_tokens": .integer(tokens)]], "cost_sources": ["backend"],
        ]
    }
}
