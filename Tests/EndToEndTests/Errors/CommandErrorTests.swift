import Foundation
import Testing

@Suite struct CommandErrorTests {
    @Test("what is said of a wrong command line, and that nothing is sent or left behind", arguments: Session.read(Self.session))
    func said(_ entry: Session.Entry) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("{ version: 1, name: p, destination: out }", to: "p.yml")
            try folder.write("version: 1\ndestination: out\nfilters: { devise: mobile }\n", to: "wrong.yml")
            try folder.write(Self.agents, to: "agents.yml")
            try folder.write(Self.wrongAgents, to: "wrong-agents.yml")
            try Data([0x61, 0x3A, 0xFF]).write(to: folder.url.appendingPathComponent("latin.yml"))
            try folder.write("mine", to: "file")
            try folder.write("two words", to: "key")
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
            let before = try folder.files()
            #expect(try await Session.lines(after: entry.command, in: folder) == entry.lines)
            #expect(try folder.files() == before)
        }
    }

    private static let agents = """
        { version: 1, name: a, source: { agents: [{ name: shop-eu, api_key: "${KEY_EU}" }, { name: shop-us, api_key_file: key }] }, \
        destination: out }
        """

    private static let wrongAgents = """
        version: 1
        source:
          api_key: ${AGENTSIGHT_API_KEY}
          agents: [{ name: a, api_key: "${K}" }, { name: a, api_key: "${L}" }, { name: b/c, api_key: "${M}" }, \
        { name: d, api_key: "${K}" }, { name: e }]
        destination: out
        outputs: [{ path: all.csv, format: csv }]

        """

    private static let session = #"""
        $ agentsight-export run absent.yml
        error: cannot read absent.yml: there is no such file. Check the path; `agentsight-export init absent.yml` writes one to \#
        start from.
        exit 2

        $ agentsight-export run latin.yml
        error: latin.yml is not UTF-8 text.
        exit 2

        $ agentsight-export run p.yml --set "destination=$(printf 'b\351d')"
        error: argument 4 is not UTF-8 text.
        exit 2

        $ agentsight-export dump -o "$(printf 'b\351d.csv')"
        error: argument 3 is not UTF-8 text.
        exit 2

        $ agentsight-export dump --filter "name=$(printf '\303')" -o x.csv
        error: argument 3 is not UTF-8 text.
        exit 2

        $ DEST=$(printf 'b\351d') agentsight-export run p.yml --set 'destination="${DEST}"'
        error: --set destination="${DEST}": the environment variable "DEST" is not UTF-8 text; give it a value in UTF-8
        exit 2

        $ K=$(printf 'ags_\351') agentsight-export dump -o x.csv --set 'x' "$(printf '\377')"
        error: argument 6 is not UTF-8 text.
        exit 2

        $ K=$(printf 'ags_\351') agentsight-export run p.yml --set 'source.api_key="${K}"'
        error: the variable K does not contain an API key: expected one word of printable characters.
        exit 2

        $ AGENTSIGHT_API_KEY=$(printf 'ags_\351') agentsight-export probe
        error: the variable AGENTSIGHT_API_KEY is not UTF-8 text.
        exit 2

        $ AWS_PROFILE=$(printf '\351') agentsight-export status s3://bucket/prefix
        error: the variable AWS_PROFILE is not UTF-8 text.
        exit 2

        $ https_proxy=$(printf 'http://\351:1') agentsight-export probe
        error: the variable https_proxy is not UTF-8 text.
        exit 2

        $ OTHER=$(printf '\351') agentsight-export validate p.yml
        exit 0

        $ head -c 5000000 /dev/zero >large.yml; agentsight-export run large.yml; rm large.yml
        error: large.yml is larger than 4 MiB, the limit for a pipeline file.
        exit 0

        $ agentsight-export preview p.yml --output=-9223372036854775808
        error: --output -9223372036854775808: the pipeline file has 1 output.
        exit 2

        $ agentsight-export run p.yml --rate-share 1/9223372036854775807
        error: --rate-share 1/9223372036854775807: expected a fraction such as 1/4
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run wrong.yml
        wrong.yml:3:12: error: unknown filter "devise"; did you mean "device"?
            3 | filters: { devise: … }
              |            ^^^^^^
        exit 2

        $ agentsight-export run empty
        error: empty is a folder. Give a pipeline file.
        exit 2

        $ agentsight-export run
        error: Missing expected argument '<file>'
        Help:  <file>  The pipeline file.
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export dance
        error: there is no command "dance"; the commands are run, dump, plan, verify, status, report, prune, validate, preview, load, \#
        schema, probe, init, sample-server, demo, help.
        exit 2

        $ agentsight-export rnu p.yml
        error: there is no command "rnu"; did you mean "run"?
        exit 2

        $ agentsight-export run p.yml --fast
        error: Unknown option '--fast'. Did you mean '--set'?
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --form 2026-01-01
        error: Unknown option '--form'. Did you mean '--from'?
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --from yesteryear
        error: --from must be a date (2024-01-01), a date-time (2024-01-01T08:00), today, yesterday, tomorrow, now, -30d, -2w, \#
        -12h, today-7d or now-2h, but is "yesteryear"; did you mean "yesterday"?
        exit 2

        $ agentsight-export run p.yml --to 2026-02-30
        error: --to: there is no such day as "2026-02-30", since that month has 28 days; write 2026-02-28
        exit 2

        $ agentsight-export run p.yml --set window=day
        error: --set window=day: window must be a map of settings, but is text
        exit 2

        $ agentsight-export run p.yml --set fetch.concurency=4
        error: --set fetch.concurency=4: unknown key "concurency" in fetch; did you mean "concurrency"?
        exit 2

        $ agentsight-export run p.yml --set fetch
        error: --set fetch: --set takes a name and a value; write --set fetch.concurrency=4
        exit 2

        $ agentsight-export run p.yml --set outputs.3.format=csv
        error: --set outputs.3.format=csv: "3" is not an index of a list of 0; 0 is the first; 0 appends one
        error: --set outputs.3.format=csv: outputs is empty, so nothing would be written; remove the line for the default, one \#
        ndjson file per window
        exit 2

        $ agentsight-export run p.yml --stdout --output 2
        error: --output 2: the pipeline file has 1 output.
        exit 2

        $ agentsight-export run p.yml --stdout --metrics-file m.prom
        error: --metrics-file and --notify cannot be combined with --stdout, which writes no destination
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --notify http://example.com/hook
        error: --notify needs an https URL (http only for loopback addresses).
        exit 2

        $ agentsight-export run p.yml --progress fast
        error: The value 'fast' is invalid for '--progress <progress>'. Please provide one of 'auto', 'live', 'plain' or 'none'.
        Help:  --progress <progress>  The form of progress: auto (live on a terminal, otherwise plain), live (a few lines, \#
        updated in place), plain (one line after another) or none.
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ AGENTSIGHT_API_KEY= agentsight-export run p.yml
        error: there is no API key: set AGENTSIGHT_API_KEY, or name a key file with source.api_key_file.
        exit 2

        $ AGENTSIGHT_API_KEY='two words' agentsight-export run p.yml
        error: the variable AGENTSIGHT_API_KEY does not contain an API key: expected one word of printable characters.
        exit 2

        $ agentsight-export run p.yml --set source.api_key_file=absent
        error: the key file absent cannot be read. Check api_key_file and the permissions of the file.
        exit 2

        $ agentsight-export run p.yml --set source.api_key_file=key
        error: the key file key does not contain an API key: expected one word of printable characters.
        exit 2

        $ AGENTSIGHT_API_ENDPOINT=ftp://x agentsight-export run p.yml
        error: AGENTSIGHT_API_ENDPOINT: "ftp://x" is not an endpoint: only http and https are supported; write https://api.agentsight.io
        exit 2

        $ AGENTSIGHT_API_ENDPOINT=http://example.com agentsight-export run p.yml
        error: AGENTSIGHT_API_ENDPOINT: plain http would send the API key to example.com in the clear; use https, or allow the \#
        host: allow_http: [example.com]
        exit 2

        $ agentsight-export run p.yml --set destination=file
        error: the destination file is a file. Give a folder, or a path that does not exist yet.
        exit 2

        $ agentsight-export run p.yml --set destination=file/below
        error: the destination file is a file. Give a folder, or a path that does not exist yet.
        exit 2

        $ agentsight-export run p.yml --set destination=s3://bucket/prefix
        error: s3://bucket/prefix: there are no credentials: the variables are not set, and the shared files have no profile \#
        “default”. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile of the shared files with AWS_PROFILE, or give \#
        a web identity with AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
        exit 2

        $ agentsight-export run p.yml --set destination=s3://Bucket
        error: --set destination=s3://Bucket: destination must be a folder, or s3://bucket/prefix, but is "s3://Bucket"; did you \#
        mean "s3://bucket"?
        exit 2

        $ agentsight-export plan
        error: Missing expected argument '<file>'
        Help:  <file>  The pipeline file.
        Usage: agentsight-export plan [<options>] <file>
          See 'agentsight-export plan --help' for more information.
        exit 2

        $ agentsight-export plan wrong.yml
        wrong.yml:3:12: error: unknown filter "devise"; did you mean "device"?
            3 | filters: { devise: … }
              |            ^^^^^^
        exit 2

        $ agentsight-export plan p.yml --format xml
        error: The value 'xml' is invalid for '--format <format>'. Please provide one of 'text' and 'json'.
        Help:  --format <format>  The format: text or json.
        Usage: agentsight-export plan [<options>] <file>
          See 'agentsight-export plan --help' for more information.
        exit 2

        $ agentsight-export preview p.yml --limit 0
        error: --limit must be a number from 1 to 100, but is 0
        Usage: agentsight-export preview [<options>] <file>
          See 'agentsight-export preview --help' for more information.
        exit 2

        $ agentsight-export preview p.yml --page 0
        error: --page must be 1 or more, but is 0
        Usage: agentsight-export preview [<options>] <file>
          See 'agentsight-export preview --help' for more information.
        exit 2

        $ agentsight-export preview p.yml --page-size 5
        error: --page-size needs --page; use --limit for the first rows
        Usage: agentsight-export preview [<options>] <file>
          See 'agentsight-export preview --help' for more information.
        exit 2

        $ agentsight-export preview p.yml --page 1 --page-size 101
        error: --page-size must be a number from 1 to 100, but is 101
        Usage: agentsight-export preview [<options>] <file>
          See 'agentsight-export preview --help' for more information.
        exit 2

        $ agentsight-export preview p.yml --output 3
        error: --output 3: the pipeline file has 1 output.
        exit 2

        $ agentsight-export verify absent
        error: absent does not exist. Give a pipeline file, or a folder or s3://bucket/prefix with an export.
        exit 2

        $ agentsight-export verify empty
        error: empty contains no export. Give a destination, or its pipeline file.
        exit 2

        $ agentsight-export verify p.yml
        error: out contains no export. Run the pipeline first.
        exit 2

        $ agentsight-export verify empty --set fetch.rate=5/s
        error: --set needs a pipeline file; empty is a folder.
        exit 2

        $ agentsight-export status s3://Bucket
        error: the destination must be a folder, or s3://bucket/prefix, but is "s3://Bucket"; did you mean "s3://bucket"?
        exit 2

        $ agentsight-export status s3://bucket/prefix
        error: s3://bucket/prefix: there are no credentials: the variables are not set, and the shared files have no profile \#
        “default”. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile of the shared files with AWS_PROFILE, or give \#
        a web identity with AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
        exit 2

        $ agentsight-export status p.yml --runs=-1
        error: --runs must be 0 or more
        Usage: agentsight-export status [<options>] <target>
          See 'agentsight-export status --help' for more information.
        exit 2

        $ agentsight-export report empty -o r.html
        error: empty contains no export. Give a destination, or its pipeline file.
        exit 2

        $ agentsight-export validate
        error: name the pipeline files to check
        Usage: agentsight-export validate [<options>] <file> ...
          See 'agentsight-export validate --help' for more information.
        exit 2

        $ agentsight-export validate absent.yml
        error: cannot read absent.yml: there is no such file. Check the path; `agentsight-export init absent.yml` writes one to \#
        start from.
        exit 2

        $ agentsight-export validate wrong.yml p.yml
        wrong.yml:3:12: error: unknown filter "devise"; did you mean "device"?
            3 | filters: { devise: … }
              |            ^^^^^^
        exit 2

        $ agentsight-export validate --set fetch.rate=fast p.yml
        error: --set fetch.rate=fast: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is "fast"
        exit 2

        $ agentsight-export init p.yml
        error: p.yml already exists and was not changed. Give another name.
        exit 2

        $ agentsight-export init absent/new.yml
        error: cannot write absent/new.yml. Check that its folder exists and is writable.
        exit 2

        $ agentsight-export init new.yml --filter device
        error: --filter device: expected name=value, such as --filter device=mobile.
        exit 2

        $ agentsight-export init new.yml --filter devise=mobile
        error: unknown filter "devise"; did you mean "device"?
        exit 2

        $ agentsight-export init new.yml --from 2026-02-30
        error: window.from: there is no such day as "2026-02-30", since that month has 28 days; write 2026-02-28
        exit 2

        $ agentsight-export dump -o absent/x.ndjson
        error: the folder absent does not exist. Create it first, or give another path.
        exit 2

        $ agentsight-export dump -o empty
        error: empty is a folder. Give the name of a file.
        exit 2

        $ agentsight-export dump --from 2026-02-30
        error: window.from: there is no such day as "2026-02-30", since that month has 28 days; write 2026-02-28
        exit 2

        $ agentsight-export dump --filter devise=mobile --filter is_marked=maybe
        error: unknown filter "devise"; did you mean "device"?
        error: filters.is_marked must be true or false, but is "maybe"
        exit 2

        $ agentsight-export dump --columns id,strated_at
        error: conversations have no field "strated_at"; did you mean "started_at"?
        exit 2

        $ agentsight-export dump --extra colour
        error: --extra colour: expected name=value, such as --extra device=mobile.
        exit 2

        $ agentsight-export dump -o x.avro
        error: x.avro would contain NDJSON under the name of another format. Use a name that ends in .ndjson, .csv or .parquet, or give \#
        --format.
        exit 2

        $ agentsight-export dump -o x.ndjson --save p.yml
        error: p.yml already exists and was not changed. Give another name.
        exit 2

        $ agentsight-export schema p.yml
        error: Missing expected argument '--for <for>'
        Help:  --for <for>  The warehouse: bigquery, snowflake, redshift, postgres, duckdb or clickhouse.
        Usage: agentsight-export schema [<options>] <file> --for <for>
          See 'agentsight-export schema --help' for more information.
        exit 2

        $ agentsight-export schema p.yml --for oracle
        error: The value 'oracle' is invalid for '--for <for>'. Please provide one of the following:
          - bigquery
          - snowflake
          - redshift
          - postgres
          - duckdb
          - clickhouse
        Help:  --for <for>  The warehouse: bigquery, snowflake, redshift, postgres, duckdb or clickhouse.
        Usage: agentsight-export schema [<options>] <file> --for <for>
          See 'agentsight-export schema --help' for more information.
        exit 2

        $ agentsight-export schema p.yml --for postgres --output 2
        error: --output 2: the pipeline file has 1 output.
        exit 2

        $ agentsight-export schema p.yml --for snowflake --load
        error: snowflake cannot read FOLDER/out. Give the place where it can read the files: --files-at @stage/prefix.
        exit 2

        $ agentsight-export schema p.yml --for bigquery --load
        error: bigquery cannot read FOLDER/out. Give the place where it can read the files: --files-at gs://bucket/prefix.
        exit 2

        $ agentsight-export schema p.yml --for postgres --load-window all
        error: window all is not committed: run the pipeline first.
        exit 2

        $ agentsight-export probe absent.yml
        error: cannot read absent.yml: there is no such file. Check the path; `agentsight-export init absent.yml` writes one to \#
        start from.
        exit 2

        $ agentsight-export sample-server --port 99999
        error: --port must be a number from 0 to 65535, but is 99999
        Usage: agentsight-export sample-server <options>
          See 'agentsight-export sample-server --help' for more information.
        exit 2

        $ agentsight-export sample-server --rows=-1
        error: --rows must be 0 or more, but is -1
        Usage: agentsight-export sample-server <options>
          See 'agentsight-export sample-server --help' for more information.
        exit 2

        $ agentsight-export sample-server --rate-limit 0
        error: --rate-limit must be 1 or more, but is 0
        Usage: agentsight-export sample-server <options>
          See 'agentsight-export sample-server --help' for more information.
        exit 2

        $ agentsight-export sample-server --faults 2
        error: --faults must be a number from 0 to 1, but is 2.0
        Usage: agentsight-export sample-server <options>
          See 'agentsight-export sample-server --help' for more information.
        exit 2

        $ agentsight-export sample-server --later 3:explode
        error: The value '3:explode' is invalid for '--later <later>'
        Help:  --later <later>  A change from request N on, as N:CHANGE (repeatable). CHANGE is ordering-ignored, \#
        page-limit=ROWS, rate-limit=REQUESTS (with --rate-limit), ignore=PARAMETER, keys-revoked, or gone=REQUESTS, which \#
        resets that many connections.
        Usage: agentsight-export sample-server <options>
          See 'agentsight-export sample-server --help' for more information.
        exit 2

        $ agentsight-export run p.yml --shard 4/4
        error: --shard 4/4: the index must be from 0 to 3
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --shard 1
        error: --shard 1: expected I/N such as 0/4, with N from 1 to 10000
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --shard auto/4
        error: --shard auto/4: none of JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, CLOUD_RUN_TASK_INDEX, SLURM_ARRAY_TASK_ID is set; give the index, such as 0/4
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ JOB_COMPLETION_INDEX=4 agentsight-export run p.yml --shard auto/4
        error: --shard auto/4: JOB_COMPLETION_INDEX is 4, but must be from 0 to 3
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --shard 0/4 --unit 2026-03-23
        error: --shard and --unit both select the windows to export: use only one of them
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --unit 2027-01-01
        error: --unit 2027-01-01: the plan has no such unit; `plan` lists the units.
        exit 2

        $ agentsight-export run p.yml --rate-share 4
        error: --rate-share 4: expected a fraction such as 1/4
        Usage: agentsight-export run [<options>] <file>
          See 'agentsight-export run --help' for more information.
        exit 2

        $ agentsight-export run p.yml --agent shop
        error: --agent shop: the file has no such agent: it lists no agents.
        exit 2

        $ agentsight-export run agents.yml --agent shop-ue
        error: --agent shop-ue: the file has no such agent; did you mean shop-eu?
        exit 2

        $ agentsight-export run agents.yml --stdout
        error: --stdout streams the rows of one agent: choose it with --agent.
        exit 2

        $ agentsight-export schema agents.yml --for postgres --load
        error: --load and --load-window replace the rows of a window by their time, which would affect all agents: load the \#
        files of each agent into a separate table.
        exit 2

        $ agentsight-export run agents.yml
        error: agent shop-eu: there is no API key: set KEY_EU, or name a key file with api_key_file.
        exit 2

        $ agentsight-export validate wrong-agents.yml
        wrong-agents.yml:3:3: error: a key next to agents has no effect; move it to the agent's entry
        wrong-agents.yml:4:50: error: an earlier agent has the same name as "a"; give each agent a different name
            4 |   agents: [{ name: …, api_key: … }, { name: a, api_key: … }, { name: …, api_key: … }, { name: …, api_key: … }, { \#
        name: … }]
              |                                             ^
        wrong-agents.yml:4:80: error: source.agents.2.name must be letters, digits, "-", "_" and ".", and not dots alone, but is \#
        "b/c"
            4 |   agents: [{ name: …, api_key: … }, { name: …, api_key: … }, { name: b/c, api_key: … }, { name: …, api_key: … }, \#
        { name: … }]
              |                                                                      ^^^
        wrong-agents.yml:4:112: error: "d" has the same key as a, but a key belongs to one agent; keep one of them
            4 |   agents: [{ name: …, api_key: … }, { name: …, api_key: … }, { name: …, api_key: … }, { name: d, api_key: … }, { \#
        name: … }]
              |                                                                                               ^
        wrong-agents.yml:4:134: error: source.agents.4.api_key is missing; add api_key: ${AGENTSIGHT_API_KEY_EU}
        wrong-agents.yml:6:19: error: "all.csv" is the same file for every agent; add {agent} to it
            6 | outputs: [{ path: all.csv, format: … }]
              |                   ^^^^^^^
        exit 2
        """#
}
