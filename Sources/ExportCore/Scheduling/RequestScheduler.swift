/// Decides which request is sent next: for which window, and which range is split.
///
/// The earliest window that has a request to send comes first. A free slot begins another window. Only if no other may begin, it splits the
/// largest remaining range of the earliest window that has one. At most `concurrency` requests are in flight, and at most three times as
/// many windows have begun and are not released. Windows are identified by their places, in the order of time.
///
/// A pure value without clock or network. Its owner sends the requests and reports the result of each by `receive`, `shrinkPages` or
/// `requestFailed`.
public struct RequestScheduler<Rows: KeptRows>: Sendable {
    /// A window that is being fetched, and its place.
    public struct Walking: Sendable {
        /// The window's place.
        public let window: Int
        /// The state of its fetch.
        public fileprivate(set) var fetch: WindowFetch<Rows>
    }

    /// The windows that are being fetched, in the order of time.
    public private(set) var walking: [Walking] = []
    /// What earlier windows have shown about the service, for windows that begin later.
    public private(set) var start: WalkStart
    /// Requests that were handed out and have no result yet.
    public private(set) var inFlight = 0

    /// The place from which on no window may begin yet. `nil` if all may.
    public var barrier: Int?

    private let windows: Int
    private let concurrency: Int
    /// The next window that has not begun.
    private var next: Int
    /// Windows that are no longer fetched, but not released.
    private var held: Set<Int> = []

    /// The maximum number of windows that have begun and are not released, for each slot. The earliest window may take long while later
    /// ones wait to be written.
    private static var windowsForEachSlot: Int { 3 }

    /// Creates a scheduler for windows of which none has begun.
    /// - Parameters:
    ///   - windows: The number of windows.
    ///   - first: The place of the first window to fetch.
    ///   - concurrency: The maximum number of requests in flight.
    ///   - pageSize: The number of rows requested per page, until a page proves too large.
    public init(windows: Int, from first: Int = 0, concurrency: Int, pageSize: Int) {
        self.windows = windows
        self.concurrency = concurrency
        next = first
        start = WalkStart(pageSize: pageSize)
    }

    /// The next request to send, and its window. `nil` if all slots are taken, or nothing can be sent before a response comes.
    /// - Parameter begin: Creates the fetch of a window that begins.
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

    /// Takes the response page of a request. A page of a window that is no longer fetched is ignored.
    /// - Parameter requests: The number of requests that the page took, including repeats.
    /// - Returns: The fetch of the window if its walk has ended. It is then no longer fetched.
    public mutating func receive(
        _ page: Rows.Page, requests: Int = 1, for request: WalkRequest, of window: Int
    ) throws(Rows.Failure) -> WindowFetch<Rows>? {
        inFlight -= 1
        guard let place = place(of: window) else { return nil }
        try walking[place].fetch.receive(page, for: request, requests: requests)
        return takeEnded(place)
    }

    /// Requests smaller pages from now on, because the response to a request was too large.
    /// - Returns: Whether pages can get smaller, and the fetch of the window if its walk has ended because it no longer needs the request.
    public mutating func shrinkPages(
        after request: WalkRequest, of window: Int
    ) throws(Rows.Failure) -> (isSmaller: Bool, ended: WindowFetch<Rows>?) {
        inFlight -= 1
        guard let place = place(of: window) else { return (true, nil) }
        guard try walking[place].fetch.shrinkPages(after: request) else { return (false, nil) }
        // A list that was too large says nothing about pages.
        if !request.query.isUnpaginated { start.pageSize = min(start.pageSize, request.query.pageSize / 2) }
        return (true, takeEnded(place))
    }

    /// Records that a request failed. The fetch of its window continues unless it is withdrawn.
    public mutating func requestFailed() { inFlight -= 1 }

    /// Gives up a window: it is no longer fetched, and its requests in flight are ignored.
    /// - Returns: Its fetch. `nil` if it was not being fetched.
    @discardableResult
    public mutating func withdraw(_ window: Int) -> WindowFetch<Rows>? {
        place(of: window).map { remove($0) }
    }

    /// Fetches a window again whose walk has ended.
    public mutating func fetchAgain(_ window: Int, _ fetch: WindowFetch<Rows>) {
        held.remove(window)
        let place = walking.firstIndex { $0.window > window } ?? walking.endIndex
        walking.insert(Walking(window: window, fetch: fetch), at: place)
    }

    /// Releases a window that was committed or passed over, so that another one can begin.
    public mutating func release(_ window: Int) { held.remove(window) }

    /// The fetch of a window. `nil` if it is not being fetched.
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

/// The start of a window's walk: what earlier windows have shown about the service.
public struct WalkStart: Sendable, Hashable {
    /// Whether the server honours `ordering`. A server that ignored it once is not trusted again.
    public fileprivate(set) var ordering = OrderingSupport.unknown
    /// The number of rows requested per page.
    public fileprivate(set) var pageSize: Int
    /// Whether the deployment has lists without pages.
    public fileprivate(set) var lists = ListSupport.unknown

    fileprivate init(pageSize: Int) { self.pageSize = pageSize }

    fileprivate mutating func learn(_ found: OrderingSupport, _ lists: ListSupport) {
        if self.lists != .ignored, lists != .unknown { self.lists = lists }
        if ordering != .ignored, found != .unknown { ordering = found }
    }
}
