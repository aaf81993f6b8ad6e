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
