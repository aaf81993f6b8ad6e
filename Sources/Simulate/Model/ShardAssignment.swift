import ExportCore

/// Assigns the windows of agents to shards.
enum ShardAssignment {
    /// The indices of each shard's windows, for each agent and shard, in the order of time.
    static func windows(_ windows: [Window], agents: Int, shards: Int) -> [[[Int]]] {
        (0..<agents).map { agent in
            guard shards > 1 else { return [Array(windows.indices)] }
            var ofShards = [[Int]](repeating: [], count: shards)
            for place in windows.indices {
                ofShards[Share.shard(ofUnit: unit(agent, windows[place]), of: shards)].append(place)
            }
            return ofShards
        }
    }

    private static func unit(_ agent: Int, _ window: Window) -> String {
        "agent-\(agent + 1)@\(window.key)"
    }
}
