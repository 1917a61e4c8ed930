import DictionaryTraining
import SparseCoding
import TensorFiles

/// Writes checkpoints beside training: it goes on as soon as the system has taken the state's bytes.
///
/// No second copy of the state is made. What remains, the digest, the way to the disk and the name, is done by
/// a thread of its own, which has ended when `finish` returns or the value goes.
final class CheckpointWriter {
  private struct Progress {
    var isCopied = false
    var failure: TensorFileError?
  }

  private let checkpoints: Checkpoints
  private let kept: Int?
  private var running: (thread: BackgroundThread?, progress: Monitor<Progress>)?
  /// The step of the newest checkpoint.
  private var newest: Int?

  /// A writer of checkpoints that keeps the newest two and that of step `kept`.
  init(_ checkpoints: Checkpoints, keeping kept: Int?) {
    self.checkpoints = checkpoints
    self.kept = kept
    newest = checkpoints.steps().first
  }

  /// Writes a checkpoint, after the one before it is done; nothing if that is of the same step.
  ///
  /// Where the system can start no thread, it is written before this returns.
  ///
  /// - Throws: What went wrong up to now, with this one or the one before.
  func write(_ state: StateView) throws(TensorFileError) {
    try finish()
    guard state.step != newest else { return }
    let progress = Monitor(Progress())
    let work: @Sendable () -> Void = { [checkpoints, kept] in
      do throws(TensorFileError) {
        try checkpoints.write(state, keeping: kept) { progress.change { $0.isCopied = true } }
      } catch {
        progress.change { $0.failure = error }
      }
    }
    newest = state.step
    let thread = BackgroundThread(work)
    if thread == nil { work() }
    running = (thread, progress)
    progress.wait { $0.isCopied || $0.failure != nil ? () : nil }
    try check()
  }

  /// Says what has gone wrong with the checkpoint that is being written, as soon as it has.
  func check() throws(TensorFileError) {
    if let progress = running?.progress, progress.change({ $0.failure }) != nil { try finish() }
  }

  /// Waits until the last checkpoint is on the disk.
  func finish() throws(TensorFileError) {
    guard let (thread, progress) = running else { return }
    running = nil
    thread?.join()
    guard let failure = progress.change({ $0.failure }) else { return }
    newest = nil
    throw failure
  }
}
