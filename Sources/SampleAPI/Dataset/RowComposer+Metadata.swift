extension RowComposer {
    /// An object whose shape changes from row to row, as with every service whose customers choose the keys.
    mutating func composeMetadata() -> JSONValue {
        switch trait {
        case .nullMetadata: return nil
        case .emptyMetadata: return [:]
        default: break
        }
        var metadata = composeUsualMetadata()
        switch trait {
        case .happyVIP:
            metadata.set("customer_tier", to: "vip")
            metadata.set("priority", to: "high")
        case .unhappyPending: metadata.set("status", to: "pending")
        case .resolvedPremium:
            metadata.set("status", to: "resolved")
            metadata.set("customer_tier", to: "premium")
        case .positiveAnalysis: metadata.set("analysis", to: ["sentiment": "positive", "score": .number("0.1")])
        case .scalarAnalysis: metadata.set("analysis", to: inTurn(["positive", 1]))
        case .arrayAnalysis: metadata.set("analysis", to: ["positive", 2, ["sentiment": "positive"], []])
        case .hugeNumbers where hasOddNumbers:
            metadata.set("external_ref", to: inTurn(Self.hugeIntegers))
            metadata.set("ledger", to: ["entry": inTurn(Self.hugeIntegers), "negative": .number("-9223372036854775809")])
        case .oddNumbers where hasOddNumbers:
            metadata.set("ratio", to: .number(inTurn(Self.oddNumbers)))
        case .oddKeys:
            metadata.set("utm.source", to: inTurn(["newsletter", nil]))
            metadata.set("cart__total", to: "129.90")
            metadata.set("preferred store", to: "Split, Riva 1")
            metadata.set("ključ/キー", to: ["внутри": true, "": "empty key"])
            metadata.set("extra", to: [:])
        case .quotedMetadata:
            metadata.set("note", to: "ratio 3:1, \"rounded\"\nsecond line")
            metadata.set("flags", to: ["beta": true, "legacy": false, "nothing": nil, "zero": 0, "empty": ""])
        default: break
        }
        return metadata
    }

    private static let hugeIntegers: [JSONValue] = [
        .number("9007199254740993"), .number("9223372036854775808"), .number("18446744073709551617"),
        .number("123456789012345678901234567890"),
    ]

    private static let oddNumbers = ["0.1", "1e-7", "1E400", "-0", "1.0", "100.00", "0.30000000000000004", "1e2"]

    private mutating func composeUsualMetadata() -> JSONValue {
        var metadata: JSONValue = ["shop": random.pick(["web", "app", "kiosk"])]
        if random.chance(60) { metadata.set("priority", to: random.pick(["low", "normal", "normal", "high"])) }
        if random.chance(60) { metadata.set("status", to: random.pick(["open", "pending", "resolved", "resolved"])) }
        if random.chance(60) { metadata.set("customer_tier", to: random.pick(["standard", "standard", "premium", "vip"])) }
        if random.chance(35) {
            let sentiment = random.pick(["positive", "neutral", "negative"])
            let score = JSONValue.number("0.\(1 + random.below(99))")
            metadata.set(
                "analysis", to: ["sentiment": .string(sentiment), "score": score, "topics": ["delivery", .string(product)]])
        }
        if random.chance(30) {
            metadata.set("order", to: ["id": .string(order), "total": .string(price), "items": .integer(1 + random.below(5))])
        }
        if random.chance(25) { metadata.set("visits", to: .integer(random.below(4))) }
        if random.chance(25) { metadata.set("trial", to: .bool(random.chance(50))) }
        if random.chance(15) { metadata.set("coupon", to: random.chance(50) ? nil : .string("SPRING-\(random.below(30))")) }
        return metadata
    }
}
