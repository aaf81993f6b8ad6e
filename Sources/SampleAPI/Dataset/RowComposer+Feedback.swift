/// A feedback on its way into a row.
struct ComposedFeedback {
    let sentiment: String
    let source: String
    let json: JSONValue
}

extension RowComposer {
    mutating func composeFeedbacks(after ended: Moment, messages: [ComposedMessage]) -> [ComposedFeedback] {
        switch trait {
        case .happyVIP, .happyMobileEnglish: [composeFeedback(0, "positive", "customer", at: ended, message: nil)]
        case .unhappyPending: [composeFeedback(0, "negative", "customer", at: ended, message: nil)]
        case .platformNeutral: [composeFeedback(0, "neutral", "platform", at: ended, message: nil)]
        // Days after the conversation, about one message.
        case .lateFeedback: [composeFeedback(0, "negative", "customer", at: ended + 5 * Moment.day, message: messages.last?.id)]
        default:
            (0..<(random.chance(35) ? 1 + random.below(2) : 0)).map { position in
                composeFeedback(
                    position, random.pick(["positive", "positive", "neutral", "negative"]),
                    random.pick(["customer", "customer", "platform"]),
                    at: ended + Int64(random.below(100_000)) * Moment.second, message: nil
                )
            }
        }
    }

    private mutating func composeFeedback(
        _ position: Int, _ sentiment: String, _ source: String, at time: Moment, message: Int?
    ) -> ComposedFeedback {
        let comments: [JSONValue] = [nil, "", "Super – danke! 👍🏽", "Spor odgovor, \"nikad više\"", "=1+1", "ok\nbut slow"]
        return ComposedFeedback(
            sentiment: sentiment,
            source: source,
            json: [
                "id": .integer(id * 4 + position), "kind": message == nil ? "conversation" : "message",
                "sentiment": .string(sentiment),
                "source": .string(source), "category": random.chance(50) ? nil : "delivery", "comment": random.pick(comments),
                "created_at": .string(time.text()), "environment": "production", "user": random.chance(70) ? nil : 7,
                "message": message.map { .integer($0) } ?? nil,
            ]
        )
    }

    mutating func composeTickets(after ended: Moment) -> [JSONValue] {
        guard trait == .withTicket || random.chance(4) else { return [] }
        return [
            [
                "id": .integer(id * 2 + 1), "title": "Check with the carrier",
                "status": random.pick(["open", "in_progress", "done"]),
                "priority": random.pick(["low", "medium", "high"]), "tags": ["delivery", "versand, eilig"],
                "created_at": .string((ended + 60 * Moment.second).text()),
                "comments": [
                    [
                        "id": .integer(id * 9), "body": "Called; they look for it.",
                        "created_at": .string((ended + Moment.day).text()),
                    ]
                ],
            ]
        ]
    }
}
