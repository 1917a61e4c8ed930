import DictionaryMetrics
public import RunRecords
public import SparseCoding
public import TensorFiles

/// The measures of a dictionary on rows, and how often each latent fires there.
public struct DictionaryEvaluation: Hashable, Sendable {
  /// The measures, by definitions that their own documentation states.
  public var measures: Evaluation
  /// For each latent the fraction of rows on which it is active, `[d_sae]`.
  public var firingDensities: [Float]

  /// The latents that fire on at least one row.
  public var live: [Int] { liveLatents(of: firingDensities) }
}

/// The latents that fire at all.
func liveLatents(of densities: [Float]) -> [Int] {
  densities.indices.filter { densities[$0] > 0 }
}

/// Evaluates a dictionary on rows, in blocks so that memory does not grow with them.
///
/// - Throws: If the rows have another width.
public func evaluate(
  _ coder: SparseCoder, on rows: Matrix, path: String, compute: Compute
) throws(TensorFileError) -> DictionaryEvaluation {
  try checkWidth(of: rows, path: path, for: coder)
  var totals = ReconstructionTotals(width: coder.width)
  var firing = FiringCounts(latents: coder.latents)
  let prepared = PreparedCoder(coder, on: compute, like: rows)
  let block = 4096
  for start in stride(from: 0, to: rows.rows, by: block) {
    let part = rows.selecting(rows: start..<min(start + block, rows.rows))
    let codes = prepared.encode(part)
    totals.add(prepared.decode(codes), target: part)
    firing.add(codes)
  }
  return DictionaryEvaluation(
    measures: Evaluation(
      rows: rows.rows, fvu: totals.fvu, explainedVariance: totals.explainedVariance,
      mse: totals.mse, l0: firing.l0, deadFraction: firing.deadFraction),
    firingDensities: firing.densities.map(Float.init))
}

func checkWidth(
  of rows: Matrix, path: String, for coder: SparseCoder
) throws(TensorFileError) {
  guard rows.columns == coder.width else {
    throw TensorFileError(
      path: path, found: "rows of width \(rows.columns)",
      expected: "width \(coder.width), the dictionary's d_in",
      hint: "give the activations of the site that the dictionary was trained on")
  }
}
