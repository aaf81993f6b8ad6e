import Foundation
import SampleAPI
import Testing

/// Whether this machine lets tests become other users, who can run the built command.
private enum OtherUsers {
    static func areThere() async -> Bool {
        guard getuid() == 0 else { return false }
        let outcome = try? await TemporaryFolder.with { folder in
            try await Command.runScript(
                #"chmod 711 . && exec setpriv --reuid 4001 --regid 4001 --groups 4000 "$COMMAND" --version"#, in: folder)
        }
        return outcome?.status == 0
    }
}

/// Several users, with the uids of the system: only root may become them.
@Suite(.enabled("it takes root, setpriv, and a built command that others can run") { await OtherUsers.areThere() })
struct GroupTests {
    /// `as UID UMASK COMMAND…`: of the group 4000, beside a group of their own.
    private static let prelude = """
        as() {
            uid=$1 mask=$2; shift 2
            setpriv --reuid $uid --regid $uid --groups 4000 sh -c 'umask $0; exec "$@"' $mask "$@"
        }
        chmod 711 . && mkdir -p team && chgrp 4000 team && chmod 2775 team

        """

    private static let pipeline = """
        { version: 1, name: p, destination: team/out, window: { from: 2026-03-23, to: 2026-04-06, every: week }, fetch: { concurrency: 1 },
          outputs: [{ format: csv, compression: none, path: "{window}.csv" }] }
        """

    private func sh(_ script: String, in folder: TemporaryFolder, _ endpoint: String) async throws -> Command.Outcome {
        try await Command.runScript(Self.prelude + script, in: folder, endpoint: endpoint)
    }

    @Test("users of a group work in turn in one destination: with umask 002 each replaces what the other has written")
    func inTurn() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await sh(
                    """
                    set -e
                    as 4001 002 "$COMMAND" run p.yml -q
                    as 4002 002 "$COMMAND" run p.yml -q --force
                    as 4002 002 "$COMMAND" run p.yml -q --force --set outputs.0.columns='[id, name, metadata.*]'
                    as 4001 002 "$COMMAND" run p.yml -q --force
                    as 4002 002 "$COMMAND" verify p.yml
                    find team/out ! -perm -060 -o ! -group 4000
                    """, in: folder, endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(!outcome.output.contains("team/out/"), "\(outcome.testDescription)")
            }
        }
    }

    @Test("what a killed run of one user left, lock, rows and staged files, another user of the group takes over")
    func killed() async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(60)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 600, seed: 1)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                let pipeline = Self.pipeline.replacing(
                    "from: 2026-03-23, to: 2026-04-06, every: week", with: "from: 2026-03-23, to: 2026-05-01, every: all"
                )
                .replacing("{window}.csv", with: "all.csv").replacing("concurrency: 1", with: "concurrency: 1, page_size: 20")
                try folder.write(pipeline, to: "p.yml")
                let before = try await sh(
                    #"""
                    as 4001 002 "$COMMAND" run p.yml -q --set destination=team/other || exit 90
                    """#, in: folder, endpoint)
                #expect(before.status == 0, "\(before.testDescription)")
                let whole = service.statistics.requests
                let killed = try await sh(
                    #"""
                    setpriv --reuid 4001 --regid 4001 --groups 4000 sh -c 'umask 002; exec "$COMMAND" run p.yml -q' &
                    pid=$!
                    until [ "$(stat -c %s team/out/_agentsight/spool/all 2>/dev/null || echo 0)" -gt 100000 ]; do
                        kill -0 $pid || exit 92
                        sleep 0.02
                    done
                    kill -9 $pid; wait $pid
                    [ -f team/out/_agentsight/lock ] || exit 91
                    """#, in: folder, endpoint)
                #expect(killed.status == 0, "\(killed.testDescription)")
                let asked = service.statistics.requests
                let outcome = try await sh(
                    #"""
                    staging=team/out/_agentsight/staging
                    as 4001 002 sh -c "mkdir -p $staging/all && echo x > $staging/all/0" || exit 92
                    as 4002 002 "$COMMAND" run p.yml -q || exit 93
                    cmp team/out/all.csv team/other/all.csv || exit 94
                    as 4002 002 "$COMMAND" verify p.yml
                    """#, in: folder, endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(service.statistics.requests - asked < whole, "the rows that were there are not asked for again")
            }
        }
    }

    @Test("a lock that another user left, who lets others only read it, keeps nobody out; one that is held does")
    func readableLock() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await sh(
                    #"""
                    as 4001 002 "$COMMAND" run p.yml -q || exit 90
                    lock=team/out/_agentsight/lock
                    echo 'a run that died' > $lock; chown 4001:4000 $lock; chmod 644 $lock
                    as 4002 002 "$COMMAND" run p.yml -q --force || exit 91
                    [ ! -e $lock ] || exit 92
                    echo 'a run at work' > $lock; chown 4001:4000 $lock; chmod 644 $lock
                    exec 9< $lock; flock -x 9
                    as 4002 002 "$COMMAND" run p.yml -q --force
                    [ $? = 75 ] && [ -e $lock ]
                    """#, in: folder, endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("another run is writing to team/out: a run at work"), "\(outcome.testDescription)")
            }
        }
    }

    @Test("where the permission is missing, the message says which file, whose it is, and what to do")
    func denied() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await sh(
                    #"""
                    as 4001 022 "$COMMAND" run p.yml -q || exit 90
                    as 4002 002 "$COMMAND" run p.yml -q --force && exit 91
                    echo x > team/out/_agentsight/lock; chown 4001 team/out/_agentsight/lock; chmod 600 team/out/_agentsight/lock
                    as 4002 002 "$COMMAND" run p.yml -q --force
                    """#, in: folder, endpoint)
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                for words in [
                    "The folder team/out/_agentsight belongs to user 4001 and group 4000, with mode 2755. Run as that user, or give a group of",
                    """
                    cannot open team/out/_agentsight/lock: Permission denied. team/out/_agentsight/lock belongs to user 4001 and group \
                    4000, with mode 0600.
                    """,
                ] { #expect(outcome.errors.contains(words), "\(outcome.testDescription)") }
            }
        }
    }

    @Test("a destination relative to a working folder below one that may be entered and not read is written")
    func unreadableParent() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await sh(
                    #"""
                    mkdir -p closed/work && chmod 711 closed && chown 4001 closed/work && cp p.yml closed/work/ && cd closed/work || exit 90
                    as 4001 022 "$COMMAND" run p.yml -q --set destination=out || exit 91
                    as 4001 022 "$COMMAND" verify p.yml --set destination=out || exit 92
                    as 4001 022 "$COMMAND" run p.yml -q --set destination=../work/deep/out || exit 93
                    chmod 311 .
                    as 4001 022 "$COMMAND" run p.yml -q --set destination=new/out || exit 94
                    as 4001 022 "$COMMAND" dump -q -o all.csv || exit 95
                    """#, in: folder, endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
        }
    }
}
