/// A message on its way into a transcript.
struct ComposedMessage {
    let id: Int
    let content: String
    let sentAt: Moment
    /// `nil` if the message has no action logs.
    let actionName: String?
    let json: JSONValue
}

extension RowComposer {
    mutating func composeMessages() -> [ComposedMessage] {
        guard trait != .withoutMessages else { return [] }
        let count = trait == .long ? 8 : 2 + random.below(random.chance(30) ? 7 : 4)
        var messages: [ComposedMessage] = []
        var time = startedAt
        // Beside its text a message has about 280 bytes, and the rest of a row 700.
        var bytes = 700
        while messages.count < count || bytes < minimumBytes {
            let message = composeMessage(messages.count, of: count, at: time)
            messages.append(message)
            bytes += 280 + message.content.utf8.count
            time = time + Int64(5 + random.below(70)) * Moment.second + Int64(random.below(1_000_000))
        }
        return messages
    }

    private mutating func composeMessage(_ position: Int, of count: Int, at time: Moment) -> ComposedMessage {
        let isCustomer = position.isMultiple(of: 2)
        let messageID = id * 100_000 + position
        let content = composeContent(position, of: count)
        let action = isCustomer ? nil : composeAction(position)
        let attachments: JSONValue = trait == .attachments && position == 0 ? [composeAttachment(messageID)] : []
        let button: JSONValue =
            trait == .attachments && position == count - 1 ? ["label": "Yes, solved 👍", "value": "solved", "clicked": true] : nil
        let json: JSONValue = [
            "id": .integer(messageID), "conversation": .integer(id), "timestamp": .string(time.text()),
            "sender": isCustomer ? "end_user" : "agent", "content": .string(content), "action_name": .text(action),
            "metadata": isCustomer ? (random.chance(50) ? nil : [:]) : composeMessageMetadata(),
            "attachments": attachments,
            "action_logs": .array(action.map { [composeActionLog($0, messageID: messageID, at: time)] } ?? []),
            "button": button,
        ]
        return ComposedMessage(id: messageID, content: content, sentAt: time, actionName: action, json: json)
    }

    private mutating func composeContent(_ position: Int, of count: Int) -> String {
        if position >= count { return Prose.paragraph(sentences: 1 + random.below(position.isMultiple(of: 2) ? 3 : 7), &random) }
        switch (trait, position) {
        case (.passwordReset, 0): return "The Password Reset mail for my account never arrives, not even in the spam folder."
        case (.databaseError, 0): return "Checkout says \"ERROR 1017\" and the cart is empty afterwards."
        case (.emptyTexts, 1): return ""
        case (.formulas, _): return EdgeCaseText.formulas[(turn + position) % EdgeCaseText.formulas.count]
        case (.markup, _): return EdgeCaseText.markup[(turn + position) % EdgeCaseText.markup.count] + " " + sentence(book.details)
        case (.syntax, _): return EdgeCaseText.syntax[(turn + position) % EdgeCaseText.syntax.count]
        case (.unicode, _):
            return EdgeCaseText.unicode[(turn + position) % EdgeCaseText.unicode.count] + " " + sentence(book.answers)
        default: break
        }
        if position == 0 { return sentence(book.openings) + (random.chance(40) ? " " + sentence(book.details) : "") }
        if position == count - 1 && position.isMultiple(of: 2) { return sentence(book.closings) + (random.chance(30) ? " 🙏🏽" : "") }
        if position.isMultiple(of: 2) { return sentence(book.details) }
        let sentences = trait == .long ? 6 + random.below(5) : 1 + random.below(4)
        let first = random.below(book.answers.count)
        let said = (0..<sentences).map { filled(book.answers[(first + $0) % book.answers.count]) }
        var answer = said.joined(separator: random.chance(30) ? "\n\n" : " ")
        if random.chance(3) { answer += " (internal error, please try again)" }
        return answer
    }

    private mutating func sentence(_ sentences: [String]) -> String {
        filled(random.pick(sentences))
    }

    /// The sentence with this row's order, price and product.
    private func filled(_ sentence: String) -> String {
        var filled = ""
        for part in sentence.split(separator: "{", omittingEmptySubsequences: false) {
            switch part {
            case let part where part.hasPrefix("order}"): filled += order + part.dropFirst(6)
            case let part where part.hasPrefix("price}"): filled += price + part.dropFirst(6)
            case let part where part.hasPrefix("product}"): filled += product + part.dropFirst(8)
            default: filled += part
            }
        }
        return filled
    }

    private mutating func composeAction(_ position: Int) -> String? {
        switch (trait, position) {
        case (.databaseError, 1): "database_query"
        case (.databaseLookup, 1): "database_lookup"
        case (.apiCall, 1): "api_call"
        default: random.chance(12) ? random.pick(["database_query", "database_lookup", "api_call", "send_email"]) : nil
        }
    }

    private mutating func composeActionLog(_ action: String, messageID: Int, at time: Moment) -> JSONValue {
        let duration = 3 + random.below(4000)
        let failed = random.chance(15)
        let actionID = 1 + (["database_query", "database_lookup", "api_call", "send_email"].firstIndex(of: action) ?? 0)
        return [
            "id": .integer(messageID * 3 + 1), "action": .integer(actionID), "message": .integer(messageID),
            "started_at": .string(time.text()), "ended_at": .string((time + Int64(duration) * 1000).text()),
            "duration_ms": .integer(duration), "tools_used": random.chance(50) ? ["sql"] : ["http", "cache"],
            "response": failed ? nil : random.chance(50) ? "{\"rows\": 1}" : ["rows": 1, "order": .string(order)],
            "error_message": failed ? "timeout after 4000 ms" : nil,
            "metadata": ["cost_usd": .string("0.0000\(10 + random.below(90))")],
        ]
    }

    private mutating func composeMessageMetadata() -> JSONValue {
        [
            "model": random.chance(80) ? "assistant-large" : "assistant-small", "tokens": .integer(40 + random.below(600)),
            "cost_usd": .string("0.00\(1000 + random.below(9000))"),
            "latency": ["first_token_ms": .integer(90 + random.below(900))],
        ]
    }

    private mutating func composeAttachment(_ messageID: Int) -> JSONValue {
        let name = random.chance(50) ? "Račun, \"kopija\" (1).pdf" : "写真\(random.below(9)).jpg"
        return [
            "id": .integer(messageID * 2), "message": .integer(messageID), "file_name": .string(name),
            "mime_type": name.hasSuffix("pdf") ? "application/pdf" : "image/jpeg", "size": .integer(1000 + random.below(5_000_000)),
            "file_url": .string("https://files.example.test/\(random.hex(16))?expires=3600&signature=\(random.hex(24))"),
        ]
    }
}
