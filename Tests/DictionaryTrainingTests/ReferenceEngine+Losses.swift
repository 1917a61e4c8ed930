import SparseCoding

@testable import DictionaryTraining

extension ReferenceEngine {
  /// The residuals of a batch, `[rows][d_in]`.
  func residuals(on batch: Batch) -> [[Double]] {
    batch.rows.map { forward(batch, row: $0).residual }
  }

  /// The main loss plus the auxiliary loss for given residuals: what its gradient is the slope of.
  func loss(on batch: Batch, holding residuals: [[Double]]) -> Double {
    zip(batch.rows, residuals).reduce(0) { sum, pair in
      let pass = forward(batch, row: pair.0)
      let main = pass.residual.reduce(0) { $0 + $1 * $1 }
      let left = auxiliaryResidual(pass, holding: pair.1)
      return sum + (main + auxiliaryWeight * left.reduce(0) { $0 + $1 * $1 })
        / Double(batch.rows.count)
    }
  }
}
