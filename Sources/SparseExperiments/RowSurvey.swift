import DictionaryTraining
import SparseCoding
import TensorFiles

/// What one look at every row of a data set tells before training.
struct RowSurvey {
  /// What names the rows.
  let fingerprint: String
  /// What the user should know of them.
  let problems: [DataProblem]
  /// The sum of squares of those that train.
  let squares: RowSquares

  /// Reads every row once.
  ///
  /// - Parameter also: What else looks at the rows, a piece at a time and in their order.
  init(
    _ rows: TrainingRows, also: (Int, UnsafeBufferPointer<Float>) -> Void = { _, _ in }
  ) throws {
    var fingerprint = ActivationFingerprint(rows: rows.count, width: rows.width)
    var search = DataProblemSearch(rows: rows.count, width: rows.width)
    var squares = RowSquares(rows)
    try rows.source.forEachPiece { first, values in
      fingerprint.update(values)
      search.add(first, values)
      squares.add(first, values)
      also(first, values)
    }
    self.fingerprint = fingerprint.finish()
    problems = search.finish()
    self.squares = squares
  }
}
