/// The pipeline that `demo` runs if no file is given.
enum DemoPipeline {
    /// The same as `pipelines/demo.yml`.
    static let text = """
        # yaml-language-server: $schema=pipeline.schema.json
        # The pipeline of agentsight-export demo: two weeks of sample conversations from its mock server, around 2026-03-29, the day
        # of 23 hours on which clocks in Zagreb go forward.
        version: 1
        name: demo

        source:
          api_key: ${AGENTSIGHT_API_KEY}
          detail: full

        window:
          from: 2026-03-23
          to: 2026-04-06                   # exclusive
          every: day
          timezone: Europe/Zagreb

        fetch:
          concurrency: 4

        destination: demo-export

        outputs:
          - format: ndjson
            path: conversations/dt={date}/conversations.ndjson.gz

          - format: csv
            path: csv/conversations-{date}.csv.gz

        """
}
