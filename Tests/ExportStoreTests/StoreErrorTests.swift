import SystemPackage
import Testing

@testable import ExportStore

@Suite struct StoreErrorTests {
    @Test("what is said of a destination in trouble, and that another try is advised where it may help", arguments: texts)
    func said(error: StoreError, text: String) {
        #expect(error.description == text)
    }

    private static let texts: [(StoreError, String)] = [
        (
            .system(.write, path: "out/a", .noSpace),
            "cannot write out/a: No space left on device. Free space and run again: committed windows stay."
        ),
        (
            .system(.create, path: "out", .permissionDenied),
            "cannot create out: Permission denied. Use a destination that this user may write to."
        ),
        (
            .denied(
                .open, path: "out/_agentsight/lock",
                .init(path: "out/_agentsight/lock", isFolder: false, user: 1001, group: 100, mode: 0o600)),
            """
            cannot open out/_agentsight/lock: Permission denied. out/_agentsight/lock belongs to user 1001 and group 100, with \
            mode 0600. Run as that user, or give a group of both users write access: chgrp -R GROUP and chmod -R g+rwX on the \
            destination, chmod g+s on its folders, and umask 002 before each run.
            """
        ),
        (
            .denied(
                .open, path: "out", .init(path: "out", isFolder: true, user: 1001, group: 1001, mode: 0o500, isOwn: true)),
            """
            cannot open out: Permission denied. The folder out belongs to user 1001 and group 1001, with mode 0500. This user \
            owns it: allow access with chmod u+rwX, or use another destination.
            """
        ),
        (
            .denied(.remove, path: "out/a/x", .init(path: "out/a", isFolder: true, user: 0, group: 0, mode: 0o755)),
            """
            cannot remove out/a/x: Permission denied. The folder out/a belongs to user 0 and group 0, with mode 0755. Run as that \
            user, or give a group of both users write access: chgrp -R GROUP and chmod -R g+rwX on the destination, chmod g+s on \
            its folders, and umask 002 before each run.
            """
        ),
        (
            .system(.rename, path: "out/a", .readOnlyFileSystem),
            "cannot rename out/a: Read-only file system. Use a destination that this user may write to."
        ),
        (.system(.open, path: "out/a", .noSuchFileOrDirectory), "cannot open out/a: No such file or directory. Check the path."),
        (
            .system(.sync, path: "out/a", .ioError),
            "cannot sync out/a: Input/output error. Remove the cause and run again: committed windows stay."
        ),
        (
            .system(.look, path: "out/a", .ioError),
            "cannot look at out/a: Input/output error. Remove the cause and run again: committed windows stay."
        ),
        (
            .obstructed(.link, path: "out/_agentsight/lock"),
            """
            out/_agentsight/lock is a symbolic link, which is not followed inside a destination. It was not changed: replace it \
            by its target, or remove the link.
            """
        ),
        (
            .obstructed(.file, path: "out/a"),
            "out/a is a file, but must be a folder. It was not changed: move or remove it, and run again."
        ),
        (
            .obstructed(.folder, path: "out/a"),
            "out/a is a folder, but must be a file. It was not changed: move or remove it, and run again."
        ),
        (
            .obstructed(.pipe, path: "out/a"),
            "out/a is a pipe, but must be a file. It was not changed: move or remove it, and run again."
        ),
        (
            .obstructed(.socket, path: "out/a"),
            "out/a is a socket, but must be a file. It was not changed: move or remove it, and run again."
        ),
        (
            .obstructed(.device, path: "out/a"),
            "out/a is a device, but must be a file. It was not changed: move or remove it, and run again."
        ),
        (
            .obstructed(.hardLink, path: "out/_agentsight/lock"),
            """
            out/_agentsight/lock is a file with a second name (a hard link), which would be changed too. It was not changed: move \
            or remove it, and run again.
            """
        ),
        (
            .outside(path: "out/../a"),
            """
            out/../a is not a path below the destination, so it was neither read nor written. `verify` shows which file names it.
            """
        ),
        (.aFolder(path: "out"), "out is a folder. Give the name of a file."),
        (.notAFile(path: "/dev/null"), "/dev/null is a device or a pipe, which a file would replace. Give the name of a file."),
        (
            .newerFormat(path: "out/_agentsight/windows/all.json", 2),
            """
            out/_agentsight/windows/all.json was written by a newer version of agentsight-export (format 2) and was not changed. \
            Upgrade agentsight-export, or use another destination.
            """
        ),
        (
            .stateTooLarge(limit: 16 << 20),
            """
            a file of _agentsight would exceed the limit of 16 MiB, so it was not written. Use fewer outputs or columns.
            """
        ),
        (
            .otherRun(path: "out", pipeline: "q", every: "day"),
            """
            a run of the pipeline “q”, with window.every: day, is writing to out. Pipelines that differ in name or window.every \
            cannot share a destination: use another destination.
            """
        ),
        (.locked(path: "out", holder: nil), "another run is writing to out. Try again after it has ended."),
        (
            .changed(path: "a/x.ndjson"),
            """
            a/x.ndjson has been changed by something else. `verify` shows what is wrong; --force exports its window again.
            """
        ),
        (
            .lockLost(path: "s3://b/p"),
            """
            this run no longer holds s3://b/p: its lock was not renewed in time, or another run has taken it over. It stopped \
            before the next commit. Run again: committed windows stay.
            """
        ),
        (
            .objectStore(.noCredentials(reason: "none was found", advice: "Set A_KEY."), path: "s3://b/p"),
            "s3://b/p: there are no credentials: none was found. Set A_KEY."
        ),
        (
            .objectStore(.refused(words: "AccessDenied"), path: "s3://b/p"),
            """
            s3://b/p: the store refused the credentials (AccessDenied). Check that they are complete, have not expired, and \
            permit access to this bucket and prefix (docs/object-storage.md lists the permissions).
            """
        ),
        (
            .objectStore(.noBucket, path: "s3://b/p"),
            "s3://b/p: there is no such bucket. Create it first, or check destination.endpoint and the bucket's name."
        ),
        (
            .objectStore(.otherRegion("eu-central-1"), path: "s3://b/p"),
            "s3://b/p: the bucket is in another region: eu-central-1. Set destination.region."
        ),
        (
            .objectStore(.otherRegion(nil), path: "s3://b/p"),
            "s3://b/p: the bucket is in another region. Set destination.region."
        ),
        (
            .objectStore(.noConditionalWrites, path: "s3://b/p"),
            """
            s3://b/p: the store ignores If-None-Match on writes, so a lock against a second run is impossible. Use a store that \
            supports it, or export to a folder and copy it.
            """
        ),
        (
            .objectStore(.clock, path: "s3://b/p"),
            "s3://b/p: the clocks of the store and of this machine differ by more than the store accepts. Set the clock of this machine."
        ),
        (
            .objectStore(.unavailable(last: "status 503", attempts: 7), path: "s3://b/p"),
            "s3://b/p: the request to the store failed in 7 tries: status 503. Try again later; committed windows stay."
        ),
        (
            .objectStore(.unexpected(status: 418, words: nil), path: "s3://b/p"),
            "s3://b/p: the store answered with the unexpected status 418. Check destination.endpoint."
        ),
        (
            .objectStore(.malformed, path: "s3://b/p"),
            """
            s3://b/p: the response of the store cannot be read. Check destination.endpoint: it may not be an S3-compatible store.
            """
        ),
        (
            .objectStore(.corruptedInTransit(file: "a.csv"), path: "s3://b/p"),
            """
            s3://b/p: a.csv was changed in the temporary folder before it was uploaded. Its window was not committed; run again.
            """
        ),
    ]
}
