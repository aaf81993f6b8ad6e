import AsyncHTTPClient
import ExportCore
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

extension ServiceError.Failure {
    private static let unreachable = [Errno.connectionRefused, .noRouteToHost, .networkUnreachable, .hostIsDown].map(\.rawValue)

    private static func reason(_ code: CInt) -> String {
        Errno(rawValue: code).description.lowercased()
    }

    /// What an error of the connection means. Its own text is a case's name at best, so the common ones are said in words.
    /// - Parameter endpoint: Nil where it is not to be shown.
    static func from(_ error: any Error, at endpoint: String?) -> ServiceError.Failure {
        let place = endpoint.map { "at \($0)" } ?? "there"
        return switch error {
        case let error as HTTPClientError where error == .connectTimeout:
            .connection(reason: "the host did not take it in time")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            .cut(reason: "the service closed it")
        case is HTTPClientError:
            .cut(reason: "\(error)")
        case let error as NIOConnectionError:
            .connection(
                reason: error.dnsAError != nil || error.dnsAAAAError != nil
                    ? "no address is known for \(error.host)" : "nothing takes it at \(endpoint ?? "\(error.host):\(error.port)")")
        case let error as IOError where Self.unreachable.contains(error.errnoCode):
            .connection(reason: "nothing takes it \(place): \(reason(error.errnoCode))")
        case let error as IOError:
            .cut(reason: reason(error.errnoCode))
        // The types of what follows are of a library that is not ours to import.
        case _ where "\(error)".contains("WRONG_VERSION_NUMBER"):
            .connection(reason: "what answers \(place) speaks no TLS: check its port, and whether it is http")
        case _ where "\(error)".contains("CERTIFICATE_VERIFY_FAILED"):
            .connection(reason: "the host's certificate is vouched for by nobody whom this machine trusts")
        case is HTTPParserError:
            .cut(reason: "the answer ended in the middle, or is no HTTP")
        default:
            .cut(reason: "\(type(of: error))")
        }
    }
}
