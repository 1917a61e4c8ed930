import DictionaryMetrics
public import DictionaryTraining
public import SparseCoding

/// What to compare an encoder with: a solver that codes the same rows on the same atoms.
public struct Oracle: Hashable, Sendable {
  /// The family of solvers.
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// Orthogonal matching pursuit.
    case omp
    /// Orthogonal least squares.
    case ols
    /// The lasso by FISTA.
    case fista
  }

  /// The family of solvers.
  public var method: Method
  /// Atoms a row, of a pursuit; nil for the encoder's mean l0, rounded.
  public var k: Int?
  /// The penalty of FISTA, in the units of rows as the dictionary scales them; nil for one at which the codes are as sparse as the encoder's.
  public var l1: Double?
  /// Whether codes are nonnegative; nil for the dictionary's own convention.
  public var isNonnegative: Bool?

  /// A comparison of the values given, which must fit the method and be positive.
  public init(
    _ method: Method, k: Int? = nil, l1: Double? = nil, isNonnegative: Bool? = nil
  ) throws(ConfigurationError) {
    let isPursuit = method != .fista
    if let k, !isPursuit || k < 1 {
      throw ConfigurationError(
        key: "oracle-k", found: isPursuit ? "\(k)" : "\(k) for fista",
        expected: isPursuit ? "a positive number of atoms a row" : "a penalty instead",
        hint: isPursuit
          ? "leave it out for as many as the encoder uses"
          : "give --oracle-l1, or leave it out to match the encoder's l0")
    }
    if let l1, isPursuit || !(l1 > 0 && l1 < .infinity) {
      throw ConfigurationError(
        key: "oracle-l1", found: isPursuit ? "\(l1) for \(method.rawValue)" : "\(l1)",
        expected: isPursuit ? "a number of atoms instead" : "a positive number",
        hint: isPursuit
          ? "give --oracle-k, or leave it out to match the encoder's l0"
          : "leave it out to match the encoder's l0")
    }
    self.method = method
    self.k = k
    self.l1 = l1
    self.isNonnegative = isNonnegative
  }

  /// Refuses dictionaries that are more than their atoms.
  static func check(_ coder: SparseCoder) throws(ConfigurationError) {
    guard coder.skip != nil else { return }
    throw ConfigurationError(
      key: "oracle", found: "a linear path past the latents",
      expected: "a dictionary whose atoms alone reconstruct the rows",
      hint: "leave --oracle out")
  }

  /// The solver for a dictionary whose encoder has a mean l0, settled on some of the rows.
  ///
  /// - Complexity: For FISTA without a penalty, some twelve codings of the sample.
  func solver(
    for coder: SparseCoder, l0: Double, sample: Matrix, compute: Compute
  ) -> SparseSolver {
    let isNonnegative =
      isNonnegative ?? (CosineConvention(for: coder.activation) == .signed)
    let k = k ?? max(1, Int(l0.rounded()))
    switch method {
    case .omp: return .orthogonalMatchingPursuit(k: k, isNonnegative: isNonnegative)
    case .ols: return .orthogonalLeastSquares(k: k, isNonnegative: isNonnegative)
    case .fista:
      let solver = { SparseSolver.fista(l1: $0, isNonnegative: isNonnegative) }
      if let l1 { return solver(l1) }
      let atoms = coder.fixedAtoms(on: compute)
      return solver(
        penalty(atL0: max(l0, 1), from: atoms.greatestPenalty(of: sample)) { penalty in
          let codes = atoms.codes(of: sample, by: solver(penalty))
          return Double(codes.indices.count) / Double(max(sample.rows, 1))
        })
    }
  }
}

/// The penalty at which a falling `l0` takes a value: halved until it is passed, then bisected to one part in a hundred.
///
/// - Parameter greatest: A penalty at which every code is zero.
private func penalty(atL0 target: Double, from greatest: Double, _ l0: (Double) -> Double) -> Double
{
  var high = greatest > 0 ? greatest : 1
  var low = high / 2
  // Below a millionth the codes are as dense as they get.
  while l0(low) < target, low > greatest * 1e-6 {
    high = low
    low /= 2
  }
  for _ in 0..<6 {
    let middle = (low * high).squareRoot()
    if l0(middle) < target { high = middle } else { low = middle }
  }
  return (low * high).squareRoot()
}

/// What a solver makes of the rows that an encoder was evaluated on.
public struct OracleMeasures: Codable, Hashable, Sendable {
  /// The solver's family: `omp`, `ols` or `fista`.
  public var solver: Oracle.Method
  /// The most atoms a row, of a pursuit.
  public var k: Int?
  /// The penalty, of FISTA.
  public var l1: Double?
  /// Whether codes were nonnegative.
  public var nonnegative: Bool
  /// The fraction of variance that the solver's codes leave unexplained.
  public var fvu: Double
  /// The mean number of atoms that the solver used.
  public var l0: Double
  /// The mean overlap of the encoder's and the solver's supports.
  public var codeIoU: Double

  enum CodingKeys: String, CodingKey {
    case solver, k, l1, nonnegative, fvu, l0
    case codeIoU = "code_iou"
  }
}

/// Codes rows by a solver on a dictionary's own atoms and compares with its encoder, in blocks.
///
///     amortization gap = fvu of the encoder - fvu of the solver
///
/// It is what the encoder loses of the dictionary at that sparsity, as far as the solver knows: a solver is
/// no certified optimum, so the gap is a lower bound of the loss and may be negative.
///
/// - Parameter l0: The encoder's mean l0 on the rows.
/// - Complexity: That of the solver; rows are read twice where a penalty is sought.
/// - Source: The oracle columns of the iSAE paper (section 4), with fvu; the name is that of
///   variational inference (Cremer, Li and Duvenaud 2018).
/// - Throws: If the rows have another width or cannot be read.
public func evaluate(
  _ oracle: Oracle, against coder: SparseCoder, l0: Double, on source: any ActivationSource,
  rows: some RandomAccessCollection<Int>, path: String, compute: Compute
) throws -> OracleMeasures {
  try checkWidth(of: source, path: path, for: coder)
  try Oracle.check(coder)
  let sampled = stride(from: 0, to: rows.count, by: max(1, (rows.count + 255) / 256))
  let solver = oracle.solver(
    for: coder, l0: l0,
    sample: oracle.method == .fista && oracle.l1 == nil
      ? coder.scaledTargets(
        of: try source.matrix(
          ofRows: sampled.map { rows[rows.index(rows.startIndex, offsetBy: $0)] }))
      : Matrix(rows: 0, columns: coder.outputWidth),
    compute: compute)
  let atoms = coder.fixedAtoms(on: compute)
  var totals = ReconstructionTotals(width: coder.outputWidth)
  var firing = FiringCounts(latents: coder.latents)
  var overlap = CodeOverlap()
  try forEachBlock(of: rows, in: source, with: coder, on: compute) { part, prepared in
    let codes = atoms.codes(of: coder.scaledTargets(of: part), by: solver)
    totals.add(prepared.decode(codes, of: part), target: coder.targets(of: part))
    firing.add(codes)
    overlap.add(prepared.encode(part), codes)
  }
  var measures = OracleMeasures(
    solver: oracle.method, nonnegative: solver.isNonnegative, fvu: totals.fvu, l0: firing.l0,
    codeIoU: overlap.codeIoU)
  switch solver {
  case .orthogonalMatchingPursuit(let k, _, _), .orthogonalLeastSquares(let k, _, _): measures.k = k
  case .fista(let l1, _, _, _): measures.l1 = l1
  }
  return measures
}
