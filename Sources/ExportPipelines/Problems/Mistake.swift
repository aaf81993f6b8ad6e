import ExportCore

/// A mistake in a pipeline file. The messages are in `Mistake+Message.swift`.
enum Mistake: Hashable {
    // The text
    case notYAML(String)
    case tab
    case emptyFile
    case secondDocument
    case repeatedKey
    case anchor
    case tag
    case keyIsNoText
    case tooDeep

    // Settings at large
    case unknownKey(in: SectionName, elsewhere: SectionName?, nearest: String?)
    case missing(String, example: String)
    case wrongShape(String, expected: Expectation, found: TreeNode.Shape)
    case unfit(String, expected: Expectation, nearest: String?)
    /// A date that is well-formed but does not exist. `last`: the last day of its month; `nil` if there is no such month.
    case noSuchDay(String, last: CivilDate?)
    case unsetVariable
    case unreadableVariable
    case brokenReference
    case settingWithoutValue
    case settingIntoText
    case settingIndex(count: Int)

    // source
    case literalKey
    case literalPassword
    case keyFromTwoPlaces
    case endpoint(EndpointFault)
    case keyBesideAgents
    case noKeyFiles
    /// The folder of the key files cannot be read.
    case unreadKeyFiles(reason: String)
    case repeatedAgent
    case sharedKey(String)

    // filters
    case emptyFilter(String)
    case setElsewhere(String, SetElsewhere)
    case repeatedFilter(String)
    case onlyDeletedWithoutDeleted
    case spanInTwoPlaces(String)
    case metadataWithoutValue
    case metadataHalf(String, other: String)
    case repeatedMetadata
    case secondMetadataParameters
    case extraRepeats(String)

    // window
    case fromMissing(WindowLength)
    case fromAfterTo(from: Instant, to: Instant)
    case tooManyWindows(WindowLength, limit: Int)
    case wider(String, than: Instant)
    case tierNeverApplies(earlier: Int, LookKind)
    case tierNeverNeeded(by: Int, LookKind)
    case tierSlowerThanWithin
    case tierWithinLookback
    case tierWithinSettle
    case countsOfDeletedRows
    case fullLookOfLeanRows

    // destination
    case storeEndpoint(EndpointFault)

    // outputs
    case noOutputs
    case tableOfOtherDetail(Table, Source.Detail)
    case nothingToFlatten(Table)
    case noDialects(Output.Format)
    case unknownPlaceholder(nearest: String?)
    case strayBrace
    case path(PathFault)
    case oneFileForAll(WindowLength)
    case oneFileForAgents
    case agentWithoutAgents
    case placeholderWithoutStart(String)
    case sharedPath(Int, Int)
    case noColumns
    /// The name, and the earlier column as it is written.
    case repeatedColumn(name: String, earlier: String, at: SourcePosition)
    case unknownField(of: Table, nearest: String?)
    case fieldOfOtherDetail(String, Source.Detail)
    case everyKeyOf(Table)
    case everyColumn
    case columnLeftOut(String)

    // exclude and hash
    case literalHashKey
    case hashKeyFromTwoPlaces
    case hashWithoutKey
    case excludedAndHashed
    case hiddenColumn
    /// The first field that kept rows have but an output excludes or hashes.
    case keptBesideExclude(String)
}

/// The kind of value that a setting takes.
enum Expectation: Hashable {
    case map, list, text, agents, metadataMap, columnEntry, compression
    case wholeNumber(ClosedRange<Int>)
    case duration, durationOrRun, durationWithin(String)
    case rate, flag, keptRows, version, name, variable, hashVariable, moment, timezone, destination, endpoint, host, metadata
    case columnName, columnPath
    case storeURL, storeEndpoint, region
    case oneOf([String])
}

/// A mistake in an endpoint.
enum EndpointFault: Error, Hashable {
    case form, scheme, path, query, user, plainHTTP(host: String)
}

/// Parameters of the service that a pipeline file has as settings elsewhere.
enum SetElsewhere: String, CaseIterable {
    case page, ordering, full
    case pageSize = "page_size"
}
