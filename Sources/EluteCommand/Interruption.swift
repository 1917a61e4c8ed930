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
/// A second one ends the process at once.
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
      }
      source.resume()
    }
  }

  /// Whether an end was asked for.
  var isRequested: Bool { request.made.load(ordering: .relaxed) }

  private final class Request: Sendable {
    let made = Atomic<Bool>(false)
  }
}
