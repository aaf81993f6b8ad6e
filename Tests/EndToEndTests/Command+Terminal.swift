import SystemPackage
import Testing

extension Command {
    /// Runs the command on a terminal of its own, 70 columns wide; gives all that was to be seen there. It has to end with `status`.
    /// - Parameter typing: What is typed there from the beginning.
    static func onTerminal(
        _ arguments: String..., in folder: TemporaryFolder, endpoint: String, environment: [String: String] = [:],
        typing: String = "", status: Int32 = 0
    ) async throws -> String {
        let script = """
            import fcntl, os, pty, struct, sys, termios
            process, terminal = pty.fork()
            if process == 0:
                fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
                os.execv(sys.argv[2], sys.argv[2:])
            os.write(terminal, sys.argv[1].encode())
            while True:
                try: got = os.read(terminal, 65536)
                except OSError: break
                if not got: break
                os.write(1, got)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
            """
        let outcome = try await Command.run(
            "/usr/bin/python3", ["-c", script, typing, Command.binary.string] + arguments, in: folder, endpoint: endpoint,
            key: Sample.key, environment: ["TERM": "xterm", "LANG": "C.UTF-8"].merging(environment) { $1 })
        #expect(outcome.status == status, "\(outcome.testDescription)")
        return outcome.output
    }
}
