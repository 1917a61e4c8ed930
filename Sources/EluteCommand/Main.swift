import ArgumentParser
import Elute

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Parses, runs and turns how it ended into words and an exit status.
@main
enum Main {
  static func main() {
    // A full disk or a size limit is an error of write(), with its own message.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGPIPE, SIG_DFL)
    HostMemory.giveBackLargeBlocks()
    do {
      var command = try EluteCommand.parseAsRoot()
      try command.run()
      try finishOutput()
    } catch let interrupted as Interrupted {
      Console.error(interrupted.message)
      exit(130)
    } catch let failed as ExpectationFailed {
      fflush(nil)
      Console.error(failed.message)
      exit(1)
    } catch {
      end(with: error)
    }
  }

  /// Waits for what was printed to get where it goes: a result that a full disk swallowed is none.
  private static func finishOutput() throws {
    guard fflush(nil) == 0 else {
      throw TensorFileError(
        path: "standard output", found: "no room to write", expected: "the whole result",
        hint: "send it where there is room")
    }
  }

  private static func end(with error: any Error) -> Never {
    if let wording = Wording(error) {
      Console.error(wording.text)
      exit(2)
    }
    let message = EluteCommand.fullMessage(for: error)
    guard EluteCommand.exitCode(for: error) == .success else {
      Console.error(
        message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message)
      exit(2)
    }
    print(message)
    exit(0)
  }
}

/// A run that the user stopped with its state on disk.
struct Interrupted: Error {
  var message: String
}
