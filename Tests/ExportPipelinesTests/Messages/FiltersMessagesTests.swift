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
        => 4:3: error: unknown filter "colour"; docs/pipeline-file.md lists the filters; the service ignores one that it does not know, and returns every conversation

        filters:
          device: ""
        => 4:11: error: filters.device is empty, and an empty filter would let everything through; give it a value, or take the
           line out

        filters:
          device:
        => 4:10: error: filters.device is empty, and an empty filter would let everything through; give it a value, or take the
           line out

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
        => 4:3: error: page is no filter; a run exports every page, and agentsight-export preview FILE --page N shows one
        => 5:3: error: page_size is no filter; set fetch.page_size
        => 6:3: error: ordering is no filter; take it out: rows are always in the order of started_at, then id
        => 7:3: error: full is no filter; set source.detail: full or lean
        => 8:3: error: unknown filter "format"; it belongs in an output

        filters:
          from: today
        => 4:3: error: unknown filter "from"; it belongs in window

        filters:
          only_deleted: true
          include_deleted: false
        => 4:3: error: only_deleted asks for the rows that include_deleted: false leaves out; take include_deleted out

        filters:
          metadata: {}
        => 4:13: error: filters.metadata is empty, and an empty filter would let everything through; give it a value, or take
           the line out

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
        => 4:21: error: filters.metadata.tier is empty, and an empty filter would let everything through; give it a value, or
           take the line out

        filters:
          metadata: { a: { b: 1 }, a.b: 2 }
        => 4:28: error: a metadata key of "a.b" is asked for twice; keep one of them

        filters:
          metadata: { a: "1,2", b: "3:4" }
        => 4:25: error: "b" is the second metadata filter with a comma or a colon in it, and the service takes one; keep one,
           and narrow further where the files are read

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
        => 5:17: error: "b" is the second metadata filter with a comma or a colon in it, and the service takes one; keep one,
           and narrow further where the files are read

        filters:
          extra: { device: mobile, page: 2, limit: 5 }
        => 4:12: error: device is a setting of its own, and here it would be sent twice or against it; set device in its own
           place
        => 4:28: error: page is a setting of its own, and here it would be sent twice or against it; set page in its own place

        filters:
          extra: { a: [1] }
        => 4:15: error: filters.extra.a must be text, but is a list

        filters:
          started_at_after: 2026-01-01
        window:
          from: 2026-01-01
        => 4:21: error: started_at_after says what window.from and window.to say already; keep one of them
        """
}
