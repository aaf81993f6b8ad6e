extension RandomAccessCollection where Index == Int {
    /// The index of the first element for which a condition does not hold. It must hold for all elements before and for none after.
    package func sortedIndex(while isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
