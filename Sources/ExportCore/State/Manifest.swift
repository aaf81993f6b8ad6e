/// The manifest of one window in the destination. It is written last and lists the files that belong together.
///
/// Manifests are in `_agentsight/windows`, one file for each window:
///
/// ```swift
/// if let manifest = try await destination.manifest(ofWindow: "2026-11-01"), manifest.status == .proved {
///     for file in manifest.files { print(file.path, file.rows, file.sha256) }
/// }
/// ```
public struct Manifest: Sendable, Hashable, Codable {
    /// The format of this file; 1.
    public var format: Int
    /// The name of the pipeline that wrote the window.
    public var pipeline: String
    /// The fingerprint of all settings of the pipeline file that affect what is written: `sha256:…`.
    public var fingerprint: String
    /// Two partial fingerprints, which distinguish a change of outputs from a change of the query. `nil` in manifests of 0.1.0.
    public var fingerprints: Fingerprints?
    /// The agent that the rows belong to. `nil` in manifests of 0.1.0.
    public var source: RowSource?
    /// Whether the window was proved.
    public var status: Status
    /// The window's key and the span that its rows were taken from.
    public var window: Span
    /// The filters as they were sent, without the window's bounds.
    public var query: [String: String]
    /// The service's counts, and the number of rows written.
    public var proof: Proof
    /// Requests that were sent for this window, including repeats.
    public var requests: Int
    /// The run that committed the window.
    public var run: String
    /// When the window was committed, by this machine's clock.
    public var committedAt: Instant
    /// When all rows of the window were last fetched, if it was rendered or patched since. If `nil`, when it was committed.
    public var exportedAt: Instant?
    /// How the window was patched. `nil` if all of its rows were fetched.
    public var patch: Patch?
    /// The version of the program.
    public var version: String
    /// The number of columns discovered in the destination when the manifest was written; `columns.json` never has fewer. `nil` in
    /// manifests of older versions.
    public var discoveredColumns: Int?
    /// New keys of a window that one of several runs exported into a shared destination. Otherwise `nil`.
    public var newKeys: NewKeys?
    /// The digests of the window's rows. `nil` in manifests of older versions, and of windows with too many rows.
    public var digests: Digests?
    /// The counts that the service should have for the rows. `nil` in manifests of older versions.
    public var sums: RowSums?
    /// The files of the window, one for each output.
    public var files: [File]

    /// Whether the written rows agree with the service's counts.
    public enum Status: String, Sendable, Hashable, Codable {
        case proved, unsettled
    }

    /// Fingerprints of the parts of a declaration: `sha256:…`.
    public struct Fingerprints: Sendable, Hashable, Codable {
        /// The fingerprint of the query: stream, detail, filters, and how windows are cut.
        public var query: String
        /// The fingerprint of the outputs: tables, formats, columns, compression and paths.
        public var outputs: String

        /// Creates the fingerprints of a declaration.
        public init(query: String, outputs: String) {
            (self.query, self.outputs) = (query, outputs)
        }
    }

    /// The agent that a window's rows belong to, and the endpoint they came from.
    public struct RowSource: Sendable, Hashable, Codable {
        /// The agent's number at the service. `nil` if the service did not show it.
        public var agent: Int64?
        /// Scheme, host and port.
        public var endpoint: String

        /// Creates the source of a window's rows.
        public init(agent: Int64?, endpoint: String) {
            (self.agent, self.endpoint) = (agent, endpoint)
        }
    }

    /// The keys of a window, which become columns of later windows when all windows are committed.
    public struct NewKeys: Sendable, Hashable, Codable {
        /// The digest of the columns that the window was written with. The keys become columns once these have changed.
        public var columns: String
        /// The keys, with the kinds of their values.
        public var keys: [DiscoveredKey]
        /// Whether its files now have the columns that a single run would have given them.
        public var isFinal: Bool

        enum CodingKeys: String, CodingKey {
            case columns, keys
            case isFinal = "final"
        }

        /// Creates the record of the keys that a window found.
        public init(columns: String, keys: [DiscoveredKey], isFinal: Bool = false) {
            self.columns = columns
            self.keys = keys
            self.isFinal = isFinal
        }
    }

    /// The key and the half-open span of a window.
    public struct Span: Sendable, Hashable, Codable {
        /// The window's key, such as `2024-05-01`.
        public var key: String
        /// The start of the span. `nil` for the beginning of all records.
        public var start: Instant?
        /// The end of the span, exclusive.
        public var end: Instant

        /// Creates the span of a planned window.
        public init(_ window: Window) {
            (key, start, end) = (window.key, window.range.start, window.range.end)
        }

        /// The span as a range.
        public var range: TimeRange {
            TimeRange(start: start, end: end)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            // Written as null rather than omitted: "no start" is a value.
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
        }
    }

    /// The patch of a window: rows that differed in a look were fetched, and the others were taken from the destination.
    public struct Patch: Sendable, Hashable, Codable {
        /// The kind of look. In the other rows, fields that it does not see are as they were when these rows were exported.
        public var look: LookKind
        /// Rows that were fetched.
        public var fetched: Int

        /// Creates the record of a patched window.
        public init(look: LookKind, fetched: Int) {
            (self.look, self.fetched) = (look, fetched)
        }
    }

    /// The file with the digests of the window's rows, with which looks compare the service.
    public struct Digests: Sendable, Hashable, Codable {
        /// Relative to the destination.
        public var path: String
        /// The size of the file in bytes.
        public var bytes: Int
        /// SHA-256 of the file, in lower-case hexadecimal digits.
        public var sha256: String

        /// Creates the record of a written file.
        public init(path: String, bytes: Int, sha256: String) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    /// A file of the window: where it is, what is in it, and its checksums.
    public struct File: Sendable, Hashable, Codable {
        /// Relative to the destination.
        public var path: String
        /// The table's name, as in the pipeline file.
        public var table: String
        /// The format's name, as in the pipeline file.
        public var format: String
        /// Rows in the file, without headers.
        public var rows: Int
        /// The size of the stored file in bytes.
        public var bytes: Int
        /// SHA-256 of the file as it is stored, in lower-case hexadecimal digits.
        public var sha256: String
        /// SHA-256 of the uncompressed contents, in lower-case hexadecimal digits.
        public var contentSHA256: String
        /// The encoder that compressed the file: `zlib 1.2.13 level 6`, or `noEncoder`.
        public var encoder: String
        /// The columns that identify and order the rows.
        public var keys: KeyColumns
        /// The names of the columns, in order. `nil` for unchanged rows.
        public var columns: [String]?
        /// The types of these columns, by their names in the pipeline file; `any` for columns with unchanged values. `nil` in older
        /// manifests.
        public var types: [String]?
        /// How many values did not fit the type of their column and are in the rest instead, by the column's name. `nil` if all did.
        public var misfits: [String: Int]?
        /// How many values exceeded the size of a spreadsheet's cell and were cut, by the column's name. `nil` if none was.
        public var cut: [String: Int]?
        /// Whether fields were excluded or hashed (`exclude`, `hash`). `nil` if none was.
        public var altered: Bool?
        /// The fingerprint of the output that the file was written for. `nil` in manifests of 0.1.0, and for kept rows.
        public var output: String?

        /// The columns that hold the conversation's own `id` and `started_at`, by their names in the file.
        public struct KeyColumns: Sendable, Hashable, Codable {
            /// The column or key that holds the id. `nil` if the output has none.
            public var id: String?
            /// The column or key that holds `started_at`. `nil` if the output has none.
            public var startedAt: String?

            enum CodingKeys: String, CodingKey {
                case id
                case startedAt = "started_at"
            }

            /// Creates the names of the columns that `verify` reads.
            public init(id: String? = nil, startedAt: String? = nil) {
                self.id = id
                self.startedAt = startedAt
            }
        }

        /// The value of `encoder` for a file that is not compressed.
        public static let noEncoder = "none"

        enum CodingKeys: String, CodingKey {
            case path, table, format, rows, bytes, sha256
            case contentSHA256 = "content_sha256"
            case encoder, keys, columns, types, misfits, cut, altered, output
        }

        /// Creates the record of a written file.
        public init(
            path: String, table: String, format: String, rows: Int, bytes: Int, sha256: String, contentSHA256: String,
            encoder: String, keys: KeyColumns = KeyColumns(), columns: [String]? = nil, types: [String]? = nil,
            misfits: [String: Int]? = nil
        ) {
            self.path = path
            self.table = table
            self.format = format
            self.rows = rows
            self.bytes = bytes
            self.sha256 = sha256
            self.contentSHA256 = contentSHA256
            self.encoder = encoder
            self.keys = keys
            self.columns = columns
            self.types = types
            self.misfits = misfits
        }

        /// Reads a file's record, of formats 1 and later.
        /// - Throws: `DecodingError`.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            path = try container.decode(String.self, forKey: .path)
            table = try container.decode(String.self, forKey: .table)
            format = try container.decode(String.self, forKey: .format)
            rows = try container.decode(Int.self, forKey: .rows)
            bytes = try container.decode(Int.self, forKey: .bytes)
            sha256 = try container.decode(String.self, forKey: .sha256)
            contentSHA256 = try container.decode(String.self, forKey: .contentSHA256)
            encoder = try container.decode(String.self, forKey: .encoder)
            // Missing in manifests of older versions.
            keys = try container.decodeIfPresent(KeyColumns.self, forKey: .keys) ?? KeyColumns()
            columns = try container.decodeIfPresent([String].self, forKey: .columns)
            types = try container.decodeIfPresent([String].self, forKey: .types)
            misfits = try container.decodeIfPresent([String: Int].self, forKey: .misfits)
            cut = try container.decodeIfPresent([String: Int].self, forKey: .cut)
            altered = try container.decodeIfPresent(Bool.self, forKey: .altered)
            output = try container.decodeIfPresent(String.self, forKey: .output)
        }
    }

    enum CodingKeys: String, CodingKey {
        case format, pipeline, fingerprint, fingerprints, source, status, window, query, proof, requests, run
        case committedAt = "committed_at"
        case exportedAt = "exported_at"
        case patch, version
        case discoveredColumns = "discovered_columns"
        case newKeys = "brought_keys"
        case digests, sums, files
    }

    /// Creates the manifest of a window, in the newest format.
    public init(
        pipeline: String, fingerprint: String, status: Status, window: Span, query: [String: String], proof: Proof, requests: Int,
        run: String, committedAt: Instant, version: String, discoveredColumns: Int? = nil, newKeys: NewKeys? = nil,
        digests: Digests? = nil, sums: RowSums? = nil, files: [File]
    ) {
        format = 1
        self.pipeline = pipeline
        self.fingerprint = fingerprint
        self.status = status
        self.window = window
        self.query = query
        self.proof = proof
        self.requests = requests
        self.run = run
        self.committedAt = committedAt
        self.version = version
        self.discoveredColumns = discoveredColumns
        self.newKeys = newKeys
        self.digests = digests
        self.sums = sums
        self.files = files
    }
}

extension Manifest {
    /// A file that is part of the window's commit: an output, kept rows, or digests.
    package struct CommittedFile: Sendable, Hashable {
        /// The path relative to the destination.
        package let path: String
        /// The size of the file in bytes.
        package let bytes: Int
        /// SHA-256 of the file, in lower-case hexadecimal digits.
        package let sha256: String
    }

    /// All files of the window's commit, in the order of the manifest, with the digests last.
    package var committedFiles: [CommittedFile] {
        files.map { CommittedFile(path: $0.path, bytes: $0.bytes, sha256: $0.sha256) }
            + (digests.map { [CommittedFile(path: $0.path, bytes: $0.bytes, sha256: $0.sha256)] } ?? [])
    }

    /// Whether this is the manifest of the window with a key.
    package func isOf(_ key: String) -> Bool { window.key.equalsExactly(key) }

    /// The size of the stored files of the outputs, in bytes.
    public var bytes: Int { outputFiles.map(\.bytes).clampedSum }

    /// The rows of each written table, by its name. Several files of one table have the same rows; kept rows are not an output.
    public var tableRows: [String: Int] {
        Dictionary(outputFiles.map { ($0.table, $0.rows) }, uniquingKeysWith: max)
    }
}

extension Manifest: StoredState {
    /// The format of manifests that this version writes, and the newest that it reads.
    package static let newestFormat = 1
    /// The largest manifest that is read, in bytes.
    package static let largestFile = 16 << 20

    /// Whether all counts are plausible and all paths stay inside the destination.
    package var isWithinBounds: Bool {
        let counts = [
            proof.countBefore, proof.countAfter, proof.distinctIDs, proof.rounds, proof.repaired, requests, discoveredColumns ?? 0,
            patch?.fetched ?? 0,
        ]
        return counts.allSatisfy(\.isCount) && DestinationPath.isName(window.key) && window.range.isForward
            && newKeys?.keys.allSatisfy { !$0.path.isEmpty } ?? true && sums?.isWithinBounds ?? true
            && digests.map { $0.bytes.isCount && $0.path == DestinationPath.digests(window.key) } ?? true
            && files.allSatisfy { $0.isWithinBounds(of: window.key) }
    }
}

extension Manifest.File {
    fileprivate func isWithinBounds(of window: String) -> Bool {
        rows.isCount && bytes.isCount && (misfits ?? [:]).values.allSatisfy(\.isCount) && (cut ?? [:]).values.allSatisfy(\.isCount)
            && DestinationPath.isFile(path, of: window)
    }
}

extension Manifest {
    /// Whether two exports of a window have the same content, regardless of the run, the time and the number of requests.
    ///
    /// Values that the service creates anew for each response, which digests leave out, make no difference if the files have the same
    /// columns and types. Neither do fields that an older version did not record.
    public func hasSameContent(as other: Manifest) -> Bool {
        var other = other
        if fingerprints == nil { other.fingerprints = nil }
        if source == nil { other.source = nil }
        for (index, file) in files.enumerated() where index < other.files.count {
            if file.output == nil { other.files[index].output = nil }
            if file.types == nil { other.files[index].types = nil }
        }
        if let digests, digests == other.digests, files.count == other.files.count {
            for place in files.indices {
                other.files[place].bytes = files[place].bytes
                other.files[place].sha256 = files[place].sha256
                other.files[place].contentSHA256 = files[place].contentSHA256
            }
        }
        (other.run, other.committedAt, other.version, other.requests) = (run, committedAt, version, requests)
        (other.proof.rounds, other.proof.repaired) = (proof.rounds, proof.repaired)
        return self == other
    }
}

extension Instant: Codable {
    /// Reads an RFC 3339 text.
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(iso8601: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 date-time with an offset")
        }
        self = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
