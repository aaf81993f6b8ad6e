import Crypto
import ExportCore

/// Which shard exports a window of an agent: the first eight bytes of its id's SHA-256, as a big-endian number, modulo the number of shards.
enum ShardAssignment {
    static func number(ofUnit id: String) -> UInt64 {
        SHA256.hash(data: Array(id.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The places of the windows that are a shard's, for each agent and shard, in the order of time.
    static func windows(_ windows: [Window], agents: Int, shards: Int) -> [[[Int]]] {
        (0..<agents).map { agent in
            guard shards > 1 else { return [Array(windows.indices)] }
            var ofShards = [[Int]](repeating: [], count: shards)
            for place in windows.indices {
                ofShards[Int(number(ofUnit: unit(agent, windows[place])) % UInt64(shards))].append(place)
            }
            return ofShards
        }
    }

    private static func unit(_ agent: Int, _ window: Window) -> String {
        "agent-\(agent + 1)@\(window.key)"
    }
}
