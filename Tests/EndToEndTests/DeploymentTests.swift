import Foundation
import Testing

/// What `deploy/` and the Debian package say of each other.
@Suite struct DeploymentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    private func setting(_ name: String, in unit: String) -> [String] {
        unit.split(separator: "\n").filter { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    @Test("the unit starts the command where the package puts it, for a group that reads what it writes, and for nobody else")
    func unit() throws {
        let unit = try text("deploy/systemd/agentsight-export@.service")
        let dist = try text("scripts/dist")
        #expect(dist.contains("install -m 755 \"$command\" \"$root/bin/agentsight-export\""))
        #expect(dist.contains("cp -r \"$root/.\" \"$package/usr/\"") && !dist.contains("sed -i"))
        #expect(setting("ExecStart", in: unit) == ["/usr/bin/agentsight-export run /etc/agentsight-export/%i.yml"])
        #expect(setting("UMask", in: unit) == ["0027"] && setting("StateDirectoryMode", in: unit) == ["0750"])
        #expect(setting("Group", in: unit) == ["agentsight-export"])
        // The line for cron writes for the same readers, and finds the command in both places.
        let cron = try text("deploy/cron/agentsight-export")
        let lines = cron.split(separator: "\n").filter { $0.contains(" agentsight-export run ") }
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains(" umask 027; ") })
        #expect(setting("PATH", in: cron) == ["/usr/local/bin:/usr/bin:/bin"])
    }
}
