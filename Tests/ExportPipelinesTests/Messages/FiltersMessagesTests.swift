import Testing

@Suite struct FiltersMessagesTests {
    @Test("a wrong filter is told why", arguments: Transcript.read(Self.transcript, after: smallest))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        filters:
          devise: mobile
        => 4:3: error: unknown filter "devise"; did you mean "device"?

        filters:
          colour: red
        => 4:3: error: unknown filter "colour"; docs/pipeline-file.md lists the filters; the service ignores one that it
           does not know, and returns every conversation

        filters:
          device: ""
        => 4:11: error: filters.device is empty, and an empty filter would match everything; give it a value, or remove the
           line

        filters:
          device:
        => 4:10: error: filters.device is empty, and an empty filter would match everything; give it a value, or remove the
           line

        filters:
          device: [mobile]
        => 4:11: error: filters.device must be text, but is a list

        filters:
          is_marked: yes
        => 4:14: error: filters.is_marked must be true or false, but is "yes"; did you mean "true"?

        filters:
          is_marked: maybe
        => 4:14: error: filters.is_marked must be true or false, but is "maybe"

        filters:
          environment: Production
        => 4:16: error: filters.environment must be one of production, development, prod, dev, but is "Production"; did you
           mean "production"?

        filters:
          feedback_sentiment: bad
        => 4:23: error: filters.feedback_sentiment must be one of positive, neutral, negative, but is "bad"

        filters:
          env: prod
          environment: dev
        => 5:3: error: environment is given twice, under its name and its alias; keep one of them

        filters:
          page: 2
          page_size: 50
          ordering: id
          full: false
          format: csv
        => 4:3: error: page is not a filter; a run exports every page; agentsight-export preview FILE --page N shows one
        => 5:3: error: page_size is not a filter; set fetch.page_size
        => 6:3: error: ordering is not a filter; remove it: rows are always ordered by started_at, then id
        => 7:3: error: full is not a filter; set source.detail: full or lean
        => 8:3: error: unknown filter "format"; it belongs in an output

        filters:
          from: today
        => 4:3: error: unknown filter "from"; it belongs in window

        filters:
          only_deleted: true
          include_deleted: false
        => 4:3: error: only_deleted needs the rows that include_deleted: false excludes; remove include_deleted

        filters:
          metadata: {}
        => 4:13: error: filters.metadata is empty, and an empty filter would match everything; give it a value, or remove
           the line

        filters:
          metadata: [a]
        => 4:13: error: filters.metadata must be a map of keys and values, or text such as key:value, but is a list

        filters:
          metadata: tier
        => 4:13: error: "tier" has no "key:value"; write key:value,key2:value2, or a map

        filters:
          metadata: ":gold"
        => 4:13: error: ":gold" has no "key:value"; write key:value,key2:value2, or a map

        filters:
          metadata: { tier: }
        => 4:21: error: filters.metadata.tier is empty, and an empty filter would match everything; give it a value, or
           remove the line

        filters:
          metadata: { a: { b: 1 }, a.b: 2 }
        => 4:28: error: a metadata key of "a.b" occurs twice; keep one of them

        filters:
          metadata: { a: "1,2", b: "3:4" }
        => 4:25: error: "b" is the second metadata filter with a comma or a colon; the service accepts only one; keep one,
           and filter further when you read the files

        filters:
          metadata: { a: [1] }
        => 4:18: error: filters.metadata.a must be text, a number, true, false or null, but is a list

        filters:
          metadata_key: a
        => 4:3: error: metadata_key needs metadata_value; add metadata_value, or write metadata as a map

        filters:
          metadata_value: a
        => 4:3: error: metadata_value needs metadata_key; add metadata_key, or write metadata as a map

        filters:
          metadata: { a: "1,2" }
          metadata_key: b
          metadata_value: "c:d"
        => 5:17: error: "b" is the second metadata filter with a comma or a colon; the service accepts only one; keep one,
           and filter further when you read the files

        filters:
          extra: { device: mobile, page: 2, limit: 5 }
        => 4:12: error: device has its own setting, which extra would repeat or contradict; use the setting for device
           instead
        => 4:28: error: page has its own setting, which extra would repeat or contradict; use the setting for page instead

        filters:
          extra: { a: [1] }
        => 4:15: error: filters.extra.a must be text, but is a list

        filters:
          started_at_after: 2026-01-01
        window:
          from: 2026-01-01
        => 4:21: error: started_at_after sets the span that window.from and window.to already set; keep one of them
        """
}
