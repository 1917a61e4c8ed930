import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The built command, run as a process of its own.
struct Command {
  /// How a process ended and what it printed.
  struct Outcome: Equatable {
    enum Ending: Equatable {
      case exit(Int32)
      case signal(Int32)
    }

    var ending: Ending
    var output: String
    var errors: String

    /// The exit status; a process that a signal ended has none.
    var status: Int32? {
      guard case .exit(let status) = ending else { return nil }
      return status
    }
  }

  /// A process that may still run.
  struct Running {
    fileprivate let process: pid_t
    fileprivate let outputPath, errorsPath: String

    func send(_ signal: Int32) { kill(process, signal) }

    /// What it has printed on standard error until now.
    var errorsSoFar: String { text(of: errorsPath) }

    func wait() -> Outcome {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      let low = status & 0x7f
      return Outcome(
        ending: low == 0 ? .exit(status >> 8 & 0xff) : .signal(low),
        output: text(of: outputPath),
        errors: errorsPath.hasPrefix("/dev/") ? "" : text(of: errorsPath))
    }
  }

  /// `elute`, which the same build puts beside the tests.
  static let path: String = {
    let starts = ["/proc/self/exe"] + CommandLine.arguments.filter { $0.contains(".xctest") }
    for start in starts {
      var folder = URL(fileURLWithPath: start).resolvingSymlinksInPath()
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("elute").path
        if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      }
    }
    return "elute"
  }()

  /// Starts the command in a folder, `limit` being the most 512-byte blocks that a file may have and
  /// `launcher` what a shell puts before the command.
  static func start(
    _ arguments: [String], in place: Workspace, fileBlocks limit: Int? = nil,
    errorsTo terminal: String? = nil, under launcher: String = "exec"
  ) throws -> Running {
    let blocks = limit.map(String.init) ?? "unlimited"
    let script = #"cd "$0" && ulimit -S -f "$1" && shift && \#(launcher) "$@""#
    let shell = "/bin/sh"
    let words = [shell, "-c", script, place.path, blocks, path] + arguments
    let capture = place.captureName()
    let running = (output: capture + ".out", errors: terminal ?? capture + ".err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, file) in [(Int32(1), running.output), (2, running.errors)] {
      posix_spawn_file_actions_addopen(
        &actions, number, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0o600)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // As a shell would start it: whoever runs the tests may ignore or hold back signals.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGXFSZ] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var environment = ProcessInfo.processInfo.environment
    // A crash shall fail its test at once, not after a backtrace.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    var process: pid_t = 0
    let code = withCStrings(words) { words in
      withCStrings(environment.map { "\($0)=\($1)" }) { environment in
        posix_spawn(&process, shell, &actions, &attributes, words, environment)
      }
    }
    try #require(code == 0, "cannot start \(shell): error \(code)")
    return Running(process: process, outputPath: running.output, errorsPath: running.errors)
  }

  /// Runs the command in a folder to its end.
  static func run(
    _ arguments: [String], in place: Workspace, fileBlocks limit: Int? = nil,
    under launcher: String = "exec"
  ) throws -> Outcome {
    try start(arguments, in: place, fileBlocks: limit, under: launcher).wait()
  }
}

/// Runs the command with words that are separated by single spaces.
func elute(_ line: String, in place: Workspace) throws -> Command.Outcome {
  try Command.run(words(line), in: place)
}

/// Runs the command, which must exit with 0 and print no errors.
@discardableResult
func eluteSucceeds(
  _ line: String, in place: Workspace, _ location: SourceLocation = #_sourceLocation
) throws -> String {
  let outcome = try Command.run(words(line), in: place)
  #expect(outcome.ending == .exit(0), "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.isEmpty, sourceLocation: location)
  return outcome.output
}

/// Runs the command, which must exit with 2, print nothing on standard output and change nothing;
/// returns what it printed on standard error.
func eluteRefuses(
  _ line: String, in place: Workspace, _ location: SourceLocation = #_sourceLocation
) throws -> String {
  let before = place.contents()
  let outcome = try Command.run(words(line), in: place)
  #expect(outcome.ending == .exit(2), sourceLocation: location)
  #expect(outcome.output.isEmpty, sourceLocation: location)
  #expect(place.contents() == before, "something was written", sourceLocation: location)
  return outcome.errors
}

func words(_ line: String) -> [String] { line.isEmpty ? [] : line.components(separatedBy: " ") }

private func text(of path: String) -> String {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return body(copies)
}
