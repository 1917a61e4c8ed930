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
/// A second one ends the process at once, and so does the first where nothing can be lost. It does
/// without a thread: Dispatch's signal sources wait forever for one where the system can start none.
struct Interruption {
  private static let isMade = Atomic<Bool>(false)
  /// What to say when ending at once; nothing as long as somebody looks at `isRequested`.
  nonisolated(unsafe) private static let lastWords = Atomic<UnsafeMutablePointer<CChar>?>(nil)

  init() {
    // Made here: the handler must not be the first to touch them.
    Self.isMade.store(false, ordering: .sequentiallyConsistent)
    Self.lastWords.store(nil, ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.hear() } }
  }

  /// Ends the process at the first request from now on, or for one that was made already: for work
  /// that loses nothing.
  func endAtOnce(saying message: String) {
    Self.lastWords.store(strdup(message + "\n"), ordering: .sequentiallyConsistent)
    if isRequested { Self.endIfDue() }
  }

  /// Whether an end was asked for.
  var isRequested: Bool { Self.isMade.load(ordering: .sequentiallyConsistent) }

  /// The signal handler, which may do no more than change atomic values and call the system.
  private static func hear() {
    if isMade.exchange(true, ordering: .sequentiallyConsistent) { _exit(130) }
    endIfDue()
  }

  private static func endIfDue() {
    guard let words = lastWords.load(ordering: .sequentiallyConsistent) else { return }
    _ = write(2, words, strlen(words))
    _exit(130)
  }
}
