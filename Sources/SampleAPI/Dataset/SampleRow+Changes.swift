/// Changes to what only a whole row shows.
extension SampleRow {
    /// Changes the text of the first message. False where there is none.
    mutating func editMessage() -> Bool {
        let key = Array("\"content\":\"".utf8)
        guard messageCount > 0, let place = transcript.firstRange(of: key) else { return false }
        transcript.insert(contentsOf: Array("edited ".utf8), at: place.upperBound)
        return true
    }

    mutating func addFeedback(_ sentiment: String) {
        feedbackCount += 1
        sentiments.append(sentiment)
        let feedback =
            (transcript.dropLast().last == UInt8(ascii: "[") ? "" : ",")
            + "{\"id\":\(id * 100 + feedbackCount),\"kind\":\"conversation\",\"sentiment\":\"\(sentiment)\"}"
        transcript.insert(contentsOf: Array(feedback.utf8), at: transcript.count - 1)
    }

    private static let feedbacks = Array("\"feedbacks\":[".utf8)

    /// Gives the first feedback another sentiment. False where there is none, or it has this one.
    mutating func changeFeedback(_ sentiment: String) -> Bool {
        let key = Array("\"sentiment\":\"".utf8)
        guard let first = sentiments.first, first != sentiment, let list = transcript.firstRange(of: Self.feedbacks),
            let place = transcript[list.upperBound...].firstRange(of: key)
        else { return false }
        transcript.replaceSubrange(place.upperBound..<place.upperBound + first.utf8.count, with: Array(sentiment.utf8))
        sentiments[0] = sentiment
        return true
    }

    /// Deletes all feedback. False where there is none.
    mutating func removeFeedbacks() -> Bool {
        guard feedbackCount > 0, let list = transcript.firstRange(of: Self.feedbacks) else { return false }
        transcript.replaceSubrange(list.upperBound..., with: Array("]".utf8))
        (feedbackCount, sentiments, sources) = (0, [], [])
        return true
    }

    /// Puts a key into the metadata of the first message that has an object of them. False where there is none.
    mutating func setMessageMetadata(_ value: String) -> Bool {
        let key = Array("\"metadata\":{".utf8)
        guard let place = transcript.firstRange(of: key) else { return false }
        let isEmpty = transcript[place.upperBound] == UInt8(ascii: "}")
        transcript.insert(contentsOf: Array("\"edit_\(value)\":1\(isEmpty ? "" : ",")".utf8), at: place.upperBound)
        return true
    }

    /// Writes other signatures into the links of attachments.
    mutating func signLinks(_ random: inout SplitMix) {
        let key = Array("signature=".utf8)
        var rest = transcript.startIndex
        while let place = transcript[rest...].firstRange(of: key) {
            let signature = Array(random.hex(24).utf8)
            transcript.replaceSubrange(place.upperBound..<place.upperBound + signature.count, with: signature)
            rest = place.upperBound + signature.count
        }
    }
}
