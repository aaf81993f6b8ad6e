import ExportCore

extension FileReader {
    /// Reads the destination: a text, or a map with settings of a store. `nil` if it is missing or invalid.
    mutating func destination(_ top: Section) -> DestinationSection? {
        guard let entry = top["destination"] else {
            problems.add(.missing("destination", example: "exports/conversations"), at: top.place, text: nil)
            return nil
        }
        guard case .map = entry.value.content else {
            let text = value(
                entry.value, "destination", .destination, nearest: DestinationText.nearest, DestinationText.parse)
            return text.value.map { DestinationSection(location: $0, insecureHosts: []) }
        }
        return store(section(entry.value, .destination, path: "destination"))
    }

    private mutating func store(_ section: Section) -> DestinationSection? {
        let url = field("url", in: section, .storeURL, nearest: Self.nearestURL, DestinationText.objects)
        if url.isAbsent {
            problems.add(.missing(section.path("url"), example: "s3://bucket/prefix"), at: section.place, text: nil)
        }
        let hosts = insecureHosts(section)
        let endpoint = storeEndpoint(section, insecureHosts: hosts)
        let region = field("region", in: section, .region, nearest: { Self.region($0.lowercased()) }, Self.region)
        let usesPathStyle = section["path_style"].flatMap { flag($0.value, section.path("path_style")) }
        let lease = field("lease", in: section, .durationWithin("from 5s to 1h")) { text in
            DurationText.seconds(text).flatMap { (5...3600).contains($0) ? Duration.seconds($0) : nil }
        }
        guard var location = url.value else { return nil }
        location.endpoint = endpoint
        location.region = region.value
        location.usesPathStyle = usesPathStyle
        location.lease = lease.value ?? ObjectLocation.defaultLease
        return DestinationSection(location: .s3(location), insecureHosts: hosts)
    }

    private mutating func storeEndpoint(_ section: Section, insecureHosts: [String]) -> String? {
        guard let entry = section["endpoint"], let written = text(entry.value, section.path("endpoint"), .storeEndpoint) else {
            return nil
        }
        return problems.endpoint(written, insecureHosts: insecureHosts, mistake: Mistake.storeEndpoint)
    }

    private static func nearestURL(_ text: String) -> String? {
        let lowercased = text.lowercased()
        return DestinationText.objects(lowercased) == nil ? nil : lowercased
    }

    /// The text if it is a valid region, such as `eu-central-1` or that of another store. It becomes part of a host name.
    private static func region(_ text: String) -> String? { ObjectLocation.isRegion(text) ? text : nil }
}
