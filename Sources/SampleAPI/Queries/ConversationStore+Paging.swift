extension ConversationStore {
    /// The requested page of a query's result, as this deployment orders it. `nil` for a page that does not exist.
    mutating func page(
        of query: ConversationQuery, _ configuration: SampleService.Configuration, _ random: inout SplitMix
    ) -> ListPage? {
        let size = min(query.pageSize ?? configuration.defaultPageSize, configuration.maximumPageSize)
        let bounds: Bounds = configuration.bounds == .inclusive ? .inclusive : .exclusive
        let honoured = configuration.ordering == .honoured ? query.ordering : []
        let order = honoured.isEmpty ? configuration.defaultOrder.rowOrder : RowOrder(terms: honoured)
        var places: [Int]
        if let order {
            places = matches(query, bounds: bounds, order: order)
        } else {
            places = Array(matches(query, bounds: bounds))
            random.shuffle(&places)
        }
        let pages = max(1, (places.count + size - 1) / size)
        let number: Int
        switch query.page {
        case .number(let asked): number = asked
        case .last: number = pages
        case .nonsense: return nil
        }
        guard (1...pages).contains(number) else { return nil }
        let cut = (number - 1) * size..<min(number * size, places.count)
        if configuration.ties == .random, let order { shuffleTies(of: cut, in: &places, order, &random) }
        return ListPage(count: places.count, number: number, pageSize: size, rows: places[cut].map { rows[$0] })
    }

    /// A row that matches but for the time range. `nil` if the range leaves none out.
    mutating func rowOutside(_ query: ConversationQuery) -> SampleRow? {
        var wider = query
        (wider.after, wider.before) = (nil, nil)
        let inside = Set(matches(query, bounds: .inclusive))
        return matches(wider, bounds: .inclusive).last { !inside.contains($0) }.map { rows[$0] }
    }

    /// Gives rows that `order` does not tell apart a new order, where they touch the page.
    private func shuffleTies(of page: Range<Int>, in places: inout [Int], _ order: RowOrder, _ random: inout SplitMix) {
        var start = page.lowerBound
        while start > 0 && start < places.count && order.compare(rows[places[start - 1]], rows[places[start]]) == 0 { start -= 1 }
        while start < page.upperBound {
            var end = start + 1
            while end < places.count && order.compare(rows[places[start]], rows[places[end]]) == 0 { end += 1 }
            random.shuffle(&places[start..<end])
            start = end
        }
    }
}

extension SampleService.DefaultOrder {
    /// `nil` for an order that is none.
    fileprivate var rowOrder: RowOrder? {
        switch self {
        case .newestFirst: RowOrder(terms: [.init(.startedAt, descending: true)])
        case .id: RowOrder(terms: [.init(.id)])
        case .random: nil
        }
    }
}
