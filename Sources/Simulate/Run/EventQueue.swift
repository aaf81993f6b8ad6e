import ExportCore

/// A queue of future events by time; at the same time, in the order of insertion. A binary heap.
struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let time: Pacer.Time
        let number: Int
        let event: Event

        static func < (left: Entry, right: Entry) -> Bool {
            left.time == right.time ? left.number < right.number : left.time < right.time
        }
    }

    private var heap: [Entry] = []
    private var numbers = 0

    mutating func add(_ event: Event, at time: Pacer.Time) {
        numbers += 1
        heap.append(Entry(time: time, number: numbers, event: event))
        var place = heap.count - 1
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func next() -> (time: Pacer.Time, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var place = 0
            while true {
                var least = place
                for child in 2 * place + 1...2 * place + 2 where child < heap.count && heap[child] < heap[least] { least = child }
                if least == place { break }
                heap.swapAt(place, least)
                place = least
            }
        }
        return (first.time, first.event)
    }
}
