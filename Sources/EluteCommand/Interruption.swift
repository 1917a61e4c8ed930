import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Hears Ctrl-C and a polite request to end, so that a run can write its checkpoint first.
///
/// A second one ends the process at once, and so does the first where nothing can be lost.
final class Interruption {
  private let request = Request()
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [request] in
        if request.made.exchange(true, ordering: .relaxed) { exit(130) }
        request.endIfDue()
      }
      source.resume()
    }
  }

  /// Ends the process at the first request from now on, or for one that was made already: for work
  /// that loses nothing.
  func endAtOnce(saying message: String) {
    request.lastWords.withLock { $0 = message }
    if isRequested { request.endIfDue() }
  }

  /// Whether an end was asked for.
  var isRequested: Bool { request.made.load(ordering: .relaxed) }

  private final class Request: Sendable {
    let made = Atomic<Bool>(false)
    /// What to say when ending at once; nothing as long as somebody looks at `made`.
    let lastWords = Mutex<String?>(nil)

    func endIfDue() {
      lastWords.withLock { message in
        guard let message else { return }
        Console.error(message)
        exit(130)
      }
    }
  }
}
