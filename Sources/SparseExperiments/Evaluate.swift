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
/// - Throws: If the rows have another width or cannot be read.
public func evaluate(
  _ coder: SparseCoder, on rows: any ActivationSource, path: String, compute: Compute
) throws -> DictionaryEvaluation {
  try evaluate(coder, on: rows, rows: 0..<rows.rows, path: path, compute: compute)
}

/// Evaluates a dictionary on some rows of a source, which ascend.
///
/// - Throws: If the rows have another width or cannot be read.
public func evaluate(
  _ coder: SparseCoder, on source: any ActivationSource, rows: some RandomAccessCollection<Int>,
  path: String, compute: Compute
) throws -> DictionaryEvaluation {
  try checkWidth(of: source, path: path, for: coder)
  var totals = ReconstructionTotals(width: coder.outputWidth)
  var firing = FiringCounts(latents: coder.latents)
  try forEachBlock(of: rows, in: source, with: coder, on: compute) { part, prepared in
    let codes = prepared.encode(part)
    totals.add(prepared.decode(codes, of: part), target: coder.targets(of: part))
    firing.add(codes)
  }
  return DictionaryEvaluation(
    measures: Evaluation(
      rows: rows.count, fvu: totals.fvu, explainedVariance: totals.explainedVariance,
      mse: totals.mse, l0: firing.l0, deadFraction: firing.deadFraction),
    firingDensities: firing.densities.map(Float.init))
}

/// Calls a closure with rows of a source, a block at a time, and the dictionary laid out for them.
func forEachBlock(
  of rows: some RandomAccessCollection<Int>, in source: any ActivationSource,
  with coder: SparseCoder, on compute: Compute,
  _ body: (_ part: Matrix, _ prepared: PreparedCoder) throws -> Void
) throws {
  // Rules that do not say how many latents are active may have half of them.
  let block = coder.activation.k == nil ? max(128, min(4096, (1 << 24) / coder.latents)) : 4096
  var prepared: PreparedCoder?
  var start = rows.startIndex
  while start != rows.endIndex {
    let end = rows.index(start, offsetBy: block, limitedBy: rows.endIndex) ?? rows.endIndex
    let part = try source.matrix(ofRows: Array(rows[start..<end]))
    let laidOut = prepared ?? PreparedCoder(coder, on: compute, like: part)
    prepared = laidOut
    try body(part, laidOut)
    start = end
  }
}

/// Refuses sites of other widths than a dictionary has: rows of the same total would give numbers without sense.
public func checkSites(
  _ widths: some Collection<Int>, of architecture: Architecture, path: String
) throws(TensorFileError) {
  let expected = architecture.sites.map(\.width)
  guard Array(widths) != expected, widths.count > 1 || expected.count > 1 else { return }
  let hint =
    switch architecture {
    case .autoencoder: "an autoencoder takes --data alone"
    case .transcoder: "a transcoder takes --data and --target"
    case .crosscoder: "a crosscoder takes --sources, in the order of its sites"
    }
  throw TensorFileError(
    path: path, found: "sites of width \(widths.map(String.init).joined(separator: ", "))",
    expected: "width \(expected.map(String.init).joined(separator: ", ")), as the dictionary has",
    hint: hint)
}

func checkWidth(
  of rows: any ActivationSource, path: String, for coder: SparseCoder
) throws(TensorFileError) {
  guard rows.width == coder.architecture.rowWidth else {
    throw TensorFileError(
      path: path, found: "rows of width \(rows.width)",
      expected: "width \(coder.architecture.rowWidth), "
        + (coder.architecture.sites.count == 1
          ? "the dictionary's d_in" : "that of the dictionary's sites side by side"),
      hint: "give the activations of the site that the dictionary was trained on")
  }
}
