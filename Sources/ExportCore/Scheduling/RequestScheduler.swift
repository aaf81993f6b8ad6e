/// Decides which request is sent next: of which window, and which range is split.
///
/// The earliest window that has a request to send comes first. A slot that is left begins a window; only where no other may begin does it
/// split the largest remaining range of the earliest window that has one. Never more than `concurrency` requests are in flight, and never
/// more than three times as many windows are begun and not released. Windows are known by their places, in the order of time.
///
/// A value without clock or network: its owner sends the requests, and says what came of each by `receive`, `shrinkPages` or
/// `requestFailed`.
public struct RequestScheduler<Rows: KeptRows>: Sendable {
    /// A window that is fetched, and its place.
    public struct Walking: Sendable {
        public let window: Int
        public fileprivate(set) var fetch: WindowFetch<Rows>
    }

    /// The windows that are fetched now, in the order of time.
    public private(set) var walking: [Walking] = []
    /// Knowledge from earlier windows, for those that begin after them.
    public private(set) var start: WalkStart
    /// Requests that were handed out, and of which nothing came yet.
    public private(set) var inFlight = 0

    /// The place of a window that may not begin yet, nor any behind it. Nil: all may.
    public var barrier: Int?

    private let windows: Int
    private let concurrency: Int
    /// The next window that has not begun.
    private var next: Int
    /// Windows that are fetched no more, and not released.
    private var held: Set<Int> = []

    /// Windows that are begun and not released, for each request that may be in flight. The earliest may be long under way, while those
    /// behind it wait to be written.
    private static var windowsForEachSlot: Int { 3 }

    /// Makes a scheduler of windows of which none is begun.
    /// - Parameters:
    ///   - windows: How many there are.
    ///   - first: The place of the first that is to be fetched.
    ///   - concurrency: Requests in flight at most.
    ///   - pageSize: Rows asked for in a page, until one proves too large.
    public init(windows: Int, from first: Int = 0, concurrency: Int, pageSize: Int) {
        self.windows = windows
        self.concurrency = concurrency
        next = first
        start = WalkStart(pageSize: pageSize)
    }

    /// The next request to send, and its window. Nil while all slots are taken, or nothing can be sent before an answer comes.
    /// - Parameter begin: Makes the fetch of a window that begins.
    public mutating func nextRequest(
        begin: (_ window: Int, WalkStart) -> WindowFetch<Rows>
    ) -> (window: Int, WalkRequest)? {
        guard inFlight < concurrency, let request = choose(begin) else { return nil }
        inFlight += 1
        return request
    }

    private mutating func choose(_ begin: (Int, WalkStart) -> WindowFetch<Rows>) -> (window: Int, WalkRequest)? {
        for place in walking.indices {
            if let request = walking[place].fetch.nextRequest() { return (walking[place].window, request) }
        }
        if next < min(windows, barrier ?? windows), walking.count + held.count < Self.windowsForEachSlot * concurrency {
            let window = next
            next += 1
            walking.append(Walking(window: window, fetch: begin(window, start)))
            return walking[walking.count - 1].fetch.nextRequest().map { (window, $0) }
        }
        for place in walking.indices {
            if let request = walking[place].fetch.split() { return (walking[place].window, request) }
        }
        return nil
    }

    /// Takes the page that answers a request. One of a window that is fetched no more is passed over.
    /// - Parameter requests: Those that it took, repeats included.
    /// - Returns: The fetch of the window where its walk has come to its end: it is fetched no more.
    public mutating func receive(
        _ page: Rows.Page, requests: Int = 1, for request: WalkRequest, of window: Int
    ) throws(Rows.Failure) -> WindowFetch<Rows>? {
        inFlight -= 1
        guard let place = place(of: window) else { return nil }
        try walking[place].fetch.receive(page, for: request, requests: requests)
        return takeEnded(place)
    }

    /// Asks for smaller pages from now on, because the answer to a request was too large.
    /// - Returns: Whether pages can get smaller; and the fetch of the window where its walk has come to its end, since the request may be one
    ///   that it needs no more.
    public mutating func shrinkPages(
        after request: WalkRequest, of window: Int
    ) throws(Rows.Failure) -> (isSmaller: Bool, ended: WindowFetch<Rows>?) {
        inFlight -= 1
        guard let place = place(of: window) else { return (true, nil) }
        guard try walking[place].fetch.shrinkPages(after: request) else { return (false, nil) }
        // A list that was too large says nothing of pages.
        if !request.query.isUnpaginated { start.pageSize = min(start.pageSize, request.query.pageSize / 2) }
        return (true, takeEnded(place))
    }

    /// Takes it that a request brought no answer. Its window is fetched on, unless it is withdrawn.
    public mutating func requestFailed() { inFlight -= 1 }

    /// Gives a window up: it is fetched no more, and what is still in flight for it is passed over.
    /// - Returns: Its fetch. Nil where it was not being fetched.
    @discardableResult
    public mutating func withdraw(_ window: Int) -> WindowFetch<Rows>? {
        place(of: window).map { remove($0) }
    }

    /// Fetches a window once more that has come to its end.
    public mutating func fetchAgain(_ window: Int, _ fetch: WindowFetch<Rows>) {
        held.remove(window)
        let place = walking.firstIndex { $0.window > window } ?? walking.endIndex
        walking.insert(Walking(window: window, fetch: fetch), at: place)
    }

    /// Lets another window begin in the place of one that is committed, or was passed over.
    public mutating func release(_ window: Int) { held.remove(window) }

    /// The fetch of a window. Nil where it is not being fetched.
    public func fetch(of window: Int) -> WindowFetch<Rows>? { place(of: window).map { walking[$0].fetch } }

    /// Whether a window is being fetched.
    public func isFetched(_ window: Int) -> Bool { place(of: window) != nil }

    private func place(of window: Int) -> Int? { walking.firstIndex { $0.window == window } }

    private mutating func takeEnded(_ place: Int) -> WindowFetch<Rows>? {
        start.learn(walking[place].fetch.walk.ordering, walking[place].fetch.walk.lists)
        return walking[place].fetch.hasEnded ? remove(place) : nil
    }

    private mutating func remove(_ place: Int) -> WindowFetch<Rows> {
        held.insert(walking[place].window)
        return walking.remove(at: place).fetch
    }
}

/// How a window begins to be walked: with what the windows before it have found out about the service.
public struct WalkStart: Sendable, Hashable {
    /// A server that ignored it once is not trusted again.
    public fileprivate(set) var ordering = OrderingSupport.unknown
    /// Rows asked for in a page.
    public fileprivate(set) var pageSize: Int
    /// Whether the deployment has lists without pages.
    public fileprivate(set) var lists = ListSupport.unknown

    fileprivate init(pageSize: Int) { self.pageSize = pageSize }

    fileprivate mutating func learn(_ found: OrderingSupport, _ lists: ListSupport) {
        if self.lists != .ignored, lists != .unknown { self.lists = lists }
        if ordering != .ignored, found != .unknown { ordering = found }
    }
}
