import SampleAPI
import Testing

@Suite struct DestinationErrorTests {
    @Test("what is said of a destination that cannot be written or read", arguments: Session.read(session))
    func said(_ entry: Session.Entry) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let window = "window: { from: 2026-03-23, to: 2026-03-24, every: day }"
                for name in ["p", "q"] {
                    try folder.write(
                        "{ version: 1, name: \(name), destination: out, \(window), outputs: [{ format: csv }] }", to: "\(name).yml")
                }
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(try await Session.lines(after: entry.command, in: folder, endpoint: endpoint) == entry.lines)
            }
        }
    }

    private static let session = #"""
        $ agentsight-export run q.yml
        error: out belongs to the pipeline “p”. Two pipelines cannot share a destination: use another destination. If this \#
        pipeline was renamed, `run --adopt` takes the destination over.
        exit 2

        $ agentsight-export run p.yml --set window.every=hour
        error: out holds windows of another length (2026-03-23), so rows would be exported twice. Use another destination, or \#
        restore the old value of window.every.
        exit 2

        $ echo >out/_agentsight/columns.json; agentsight-export run p.yml --force
        error: out/_agentsight/columns.json cannot be read. It determines the columns of files, so nothing was written: restore \#
        it from a copy, or remove it to start with new columns.
        exit 1

        $ agentsight-export run p.yml --set source.detail=lean --set outputs.0.table=messages
        error: --set outputs.0.table=messages: rows with detail: lean have no messages; set source.detail: full, or remove the \#
        output
        exit 2

        $ agentsight-export schema p.yml --for postgres --load-window 2026-03-25
        error: window 2026-03-25 is not committed: committed windows go from 2026-03-23 to 2026-03-23; `plan` lists them.
        exit 2

        $ agentsight-export schema p.yml --for duckdb --set outputs.0.dialect=spreadsheet
        error: output 1 is CSV with dialect: spreadsheet, which changes texts: load an output with dialect: warehouse or format: \#
        ndjson.
        exit 2

        $ agentsight-export schema p.yml --for duckdb --set 'outputs.0.columns=[id]' --load
        error: the output of conversations has no column started_at of type timestamp, which identifies the rows of a window: \#
        add it to columns.
        exit 2

        $ agentsight-export verify out --server
        error: --server needs a pipeline file, because a destination contains neither the endpoint of the service nor the API key.
        exit 2

        $ agentsight-export report out -o absent/r.html
        error: the folder absent does not exist. Create it first, or give another path.
        exit 2

        $ agentsight-export run p.yml --set outputs.0.path=all.csv
        error: --set outputs.0.path=all.csv: "all.csv" is the same file for every day; add {date} to it
        exit 2

        $ agentsight-export run p.yml -q --force --set 'outputs.0.path={date}.csv'
        error: --set outputs.0.path={date}.csv: this is not YAML: did not find expected <document start>; indent with spaces; \#
        quote values that begin with one of { [ * & ! | > % @ or contain ": " or " #"
        exit 2

        $ agentsight-export run p.yml -q --force --set 'outputs.0.path="{date}.csv"'
        warning: p, output is compressed, but its path {date}.csv does not end in .gz, and readers rely on the extension. Add .gz to the path, or set compression: none.
        exit 0

        $ agentsight-export run p.yml -q --force --set 'outputs.0.path="{date}.csv.gz"' --set outputs.0.compression=none
        warning: p, output is not compressed, but its path {date}.csv.gz ends in .gz, and readers rely on the extension. Remove .gz from the path, or set compression: gzip.
        exit 0

        $ exec 9>out/_agentsight/lock; flock 9; printf 'process 1 on host, run r' >&9; agentsight-export run p.yml --force
        error: another run is writing to out: process 1 on host, run r. Try again after it has ended.
        exit 75

        $ mkdir -p none/_agentsight; exec 9>none/_agentsight/lock.shard-1-of-2; flock 9; \#
        printf 'process 1 on host\ndeclaration day q\n' >&9; agentsight-export run p.yml --set destination=none --shard 0/2
        error: a run of the pipeline “q”, with window.every: day, is writing to none. Pipelines that differ in name or \#
        window.every cannot share a destination: use another destination.
        exit 2

        $ exec 9>out/_agentsight/lock; flock 9; agentsight-export verify out
        error: another run is writing to out. Try again after it has ended.
        exit 75

        $ ulimit -f 1; agentsight-export run p.yml --force
        p: 1 window to export, 0 committed already
        p: 1 window: 0 committed, 0 left alone, 1 not tried
          0 rows, 0 B written to out in N s
          3 requests (0 repeated, 0 throttled), 50.9 kB received
        error: cannot write out/_agentsight/spool/2026-03-23: File too large. Remove the cause and run again: committed windows \#
        stay.
        warning: the record of this run was not written: cannot write out/_agentsight/staging/part-RUN: File too large. Remove \#
        the cause and run again: committed windows stay.
        exit 1

        $ agentsight-export run p.yml --set destination=none --set filters.customer_id=nobody
        p: 1 window to export, 0 committed already
          2026-03-23  proved  0 rows  390 B
        p: 1 window: 1 committed, 0 left alone
          0 rows, 390 B written to none in N s
          3 requests (0 repeated, 0 throttled), 737 B received
          no conversation matched: `preview` shows the rows that match the filters, `probe` the dates of the conversations
          see agentsight-export report p.yml --set destination=none --set filters.customer_id=nobody
        exit 0

        $ agentsight-export validate p.yml --set 'outputs.0.path="{date}.csv"'
        p.yml: warning: output is compressed, but its path {date}.csv does not end in .gz, and readers rely on the extension. Add .gz to the path, or set compression: none.
        exit 0

        $ agentsight-export validate p.yml --set 'outputs.0.columns=[id, {name: Tier, path: metadata.tier}, {name: tier, path: name}]'
        p.yml: warning: output has columns whose names differ only in case: Tier, tier. BigQuery, DuckDB, Redshift and Snowflake treat them as one; `load` and `schema` rename all but the first.
        exit 0

        $ agentsight-export sample-server --port ${AGENTSIGHT_API_ENDPOINT##*:}
        error: cannot listen on 127.0.0.1 port PORT: another program uses it, or this user may not use it. Give another --port, \#
        or 0 for any free one.
        exit 2

        $ agentsight-export plan p.yml >/dev/full
        error: cannot write to standard output: No space left on device
        exit 1

        $ AGENTSIGHT_NOTIFY_URL=nowhere agentsight-export run p.yml -q --force
        warning: AGENTSIGHT_NOTIFY_URL is not an https URL: no notification is sent
        exit 0

        $ AGENTSIGHT_API_ENDPOINT=http://127.0.0.1:1 agentsight-export dump -q
        warning: dump, window all: the service gave no usable response in 3 tries: no connection (\#
        http://127.0.0.1:1: connection refused). Try again later; committed windows stay, and only the others are fetched.
        error: the stream ends before window all: the service gave no usable response in 3 tries: no connection \#
        (http://127.0.0.1:1: connection refused). Try again later; committed windows stay, and only the others are fetched.
        exit 75

        $ mkfifo out/_agentsight/lock; agentsight-export status out
        error: out/_agentsight/lock is a pipe, but must be a file. It was not changed: move or remove it, and run again.
        exit 2

        $ mkfifo out/_agentsight/lock; agentsight-export verify out
        error: out/_agentsight/lock is a pipe, but must be a file. It was not changed: move or remove it, and run again.
        exit 2

        $ ln -s ../../p.yml out/_agentsight/lock; agentsight-export run p.yml --force && cat p.yml
        error: out/_agentsight/lock is a symbolic link, which is not followed inside a destination. It was not changed: replace \#
        it by its target, or remove the link.
        exit 2

        $ ln p.yml out/_agentsight/lock; agentsight-export run p.yml --force
        error: out/_agentsight/lock is a file with a second name (a hard link), which would be changed too. It was not changed: \#
        move or remove it, and run again.
        exit 2

        $ mkdir v v/w; ln -s ../../v out/_agentsight/staging; agentsight-export run p.yml -q --force || ls -d v/w && exit 2
        error: out/_agentsight/staging is a symbolic link, which is not followed inside a destination. It was not changed: \#
        replace it by its target, or remove the link.
        exit 2

        $ mv out/_agentsight/windows w; ln -s ../../w out/_agentsight/windows; agentsight-export plan p.yml
        error: out/_agentsight/windows is a symbolic link, which is not followed inside a destination. It was not changed: \#
        replace it by its target, or remove the link.
        exit 2

        $ mv out o; ln -s o out; agentsight-export run p.yml -q --force
        exit 0

        $ f=out/conversations/dt=2026-03-23/conversations.csv.gz; rm $f; mkfifo $f; agentsight-export run p.yml
        error: out/conversations/dt=2026-03-23/conversations.csv.gz is a pipe, but must be a file. It was not changed: move or \#
        remove it, and run again.
        exit 2

        $ ulimit -f 0; agentsight-export run p.yml --force
        error: cannot write out/_agentsight/lock: File too large. Remove the cause and run again: committed windows stay.
        exit 1

        $ touch f; agentsight-export run p.yml --set destination=f
        error: the destination f is a file. Give a folder, or a path that does not exist yet.
        exit 2

        $ touch f; agentsight-export run p.yml --set destination=f/g
        error: the destination f is a file. Give a folder, or a path that does not exist yet.
        exit 2

        $ ln -s nowhere f; agentsight-export init f
        error: f already exists and was not changed. Give another name.
        exit 2

        $ ln -s nowhere f; agentsight-export dump -q -o d --save f
        error: f already exists and was not changed. Give another name.
        exit 2

        $ mkfifo pipe; agentsight-export dump -q -o pipe; test -p pipe
        error: pipe is a device or a pipe, which a file would replace. Give the name of a file.
        exit 0

        $ mkfifo pipe; agentsight-export report out -o pipe; test -p pipe
        error: pipe is a device or a pipe, which a file would replace. Give the name of a file.
        exit 0

        $ mkfifo pipe; agentsight-export run p.yml -q --force --metrics-file pipe; test -p pipe
        warning: the metrics were not written to pipe: pipe is a device or a pipe, which a file would replace. Give the name of \#
        a file.
        exit 0

        $ agentsight-export run p.yml -q --force --metrics-file absent/m.prom
        warning: the metrics were not written to absent/m.prom: the folder absent does not exist. Create it first, or give \#
        another path.
        exit 0

        $ AGENTSIGHT_API_ENDPOINT=https://${AGENTSIGHT_API_ENDPOINT#http://} agentsight-export probe
        error: the service gave no usable response in 3 tries: no connection (the server at https://127.0.0.1:PORT does not use \#
        TLS: check the port, and whether the URL should be http). Try again later; committed windows stay, and only the others \#
        are fetched.
        exit 75

        $ AGENTSIGHT_API_ENDPOINT=https://$(printf %064d.invalid 0) agentsight-export probe
        error: the service gave no usable response in 3 tries: no connection (the host name \#
        0000000000000000000000000000000000000000000000000000000000000000.invalid cannot be resolved). Try again later; committed windows stay, and \#
        only the others are fetched.
        exit 75

        $ mkdir m.prom; agentsight-export run p.yml -q --force --metrics-file m.prom
        warning: the metrics were not written to m.prom: m.prom is a folder. Give the name of a file.
        exit 0

        $ mkdir r.html; agentsight-export report out -o r.html
        error: r.html is a folder. Give the name of a file.
        exit 2

        $ AGENTSIGHT_API_ENDPOINT=http://127.0.0.1:1 agentsight-export run p.yml -q --force --notify http://127.0.0.1:1/hook
        error: the service gave no usable response in 3 tries: no connection (http://127.0.0.1:1: connection \#
        refused). Try again later; committed windows stay, and only the others are fetched.
        warning: no notification was delivered to 127.0.0.1: no connection (connection refused)
        exit 75

        $ agentsight-export run p.yml -q --force --rate-share 1/4
        warning: --rate-share has no effect: the file sets no fetch.rate
        exit 0
        """#
}
