/// What `demo` runs where no file is given.
enum DemoPipeline {
    /// The same as `pipelines/demo.yml`.
    static let text = """
        # yaml-language-server: $schema=pipeline.schema.json
        # What agentsight-export demo runs against the imitation that it brings along: two weeks of sample conversations around
        # 2026-03-29, the day on which clocks in Zagreb go forward and which has 23 hours.
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
