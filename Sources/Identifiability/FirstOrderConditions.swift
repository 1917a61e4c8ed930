public import DictionaryMetrics
public import SparseCoding

/// What holds at an exact optimum of codes and atoms with an L1 penalty, and how far codes and atoms are from it.
///
///     F = sum over rows of |r|² / 2 + lambda sum over j of |d_j| |z_j|,   r = x - b - sum over j of z_j d_j
///
/// With `u_j = d_j / |d_j|`, `s_j` the sign of `z_j`, `S_j = u_j · r / lambda` and sums over rows:
///
///     codes      s_j S_j = 1 where z_j is not zero, |S_j| <= 1 where it is (S_j <= 1 for nonnegative codes)
///     atoms      sum of z_j r = lambda (sum of |z_j|) u_j
///     pairs      u_j · u_k = a_kj + sum over rows without k of z_j S_k / sum of z_j,  a_kj the share of j's activity where k is on
///     residuals  the part of r in the span of the active atoms is lambda sum over active i, j of u_i (G^-1)_ij s_j
///
/// The conditions of pairs follow from the first two, for nonnegative codes; that of residuals from the first. An
/// encoder that codes in one step does not meet the first row by row: what vanishes where training ends is `bias`,
/// `encoder` and `output`, sums over the rows on which a latent fires.
///
/// - Source: "How optimality structures sparse dictionaries", conditions C1 to C4.
/// - Complexity: O(rows × width × latents) in floats; O(rows × k² × (width + k)) and O(pairs × width) in doubles.
public struct FirstOrderConditions: Hashable, Sendable {
  /// `s S - 1` where a latent is active.
  public let active: Deviation
  /// The largest `|S| - 1` of a row's silent latents, at least 0.
  public let silent: Deviation
  /// The share of silent latents, over all rows, with `|S|` above 1.001: activity that the encoder misses.
  public let missed: Double
  /// The length of what is left of the condition of atoms, over `lambda` and the latent's activity.
  public let atoms: Deviation
  /// What is left of the condition of pairs, of all ordered ones that are ever on together; none for codes with signs.
  public let pairs: Deviation
  /// The length of what is left of the condition of residuals, over that of what it asks for.
  public let residuals: Deviation
  /// The mean of `s S` over the rows on which a latent is active, less 1.
  public let bias: Deviation
  /// The sum of `(s S - 1) (x - b)` over them, over the sum of `|s S - 1| |x - b|`.
  public let encoder: Deviation
  /// The length of the mean residual over the root of the mean of the squared lengths.
  public let output: Double
  /// The share of the residuals' energy that the active set alone fixes.
  public let fixedByActiveSet: Double

  /// The row whose code is farthest from the best one, by either condition, and how far.
  public let worstRow: Extreme
  /// The latent whose atom is.
  public let worstAtom: Extreme

  /// Where a number is largest.
  public struct Extreme: Hashable, Sendable {
    /// The row or the latent.
    public var place: Int
    /// The number.
    public var value: Double
  }

  /// How far numbers are from zero.
  public struct Deviation: Hashable, Sendable {
    /// The root of their mean square.
    public var rms = 0.0
    /// The largest magnitude.
    public var greatest = 0.0
    /// Their mean.
    public var mean = 0.0
    /// How many there are.
    public var count = 0

    /// Of numbers.
    public init(_ values: some Collection<Double>) {
      guard !values.isEmpty else { return }
      count = values.count
      for value in values {
        rms += value * value
        mean += value
        greatest = max(greatest, abs(value))
      }
      rms = (rms / Double(count)).squareRoot()
      mean /= Double(count)
    }
  }

  /// Whether the conditions of codes and atoms hold to a relative tolerance.
  public func holds(to tolerance: Double) -> Bool {
    max(active.greatest, silent.greatest, atoms.greatest) <= tolerance
  }

  /// The conditions for rows and their codes.
  ///
  /// - Parameters:
  ///   - bias: The output's bias, `[width]`.
  ///   - lambda: The weight of the penalty; positive.
  public init(
    _ rows: Matrix, _ codes: SparseCodes, on atoms: BoundedAtoms, bias: [Float], lambda: Double,
    convention: CosineConvention, compute: Compute
  ) {
    precondition(rows.rows == codes.rows && codes.latents == atoms.count && lambda > 0)
    let isSigned = convention == .absolute
    let left = CodeResiduals(rows, codes, rows: 0..<rows.rows, atoms, bias: bias, on: compute)
    let active = (0..<rows.rows).map { row in
      ActiveSet(codes, row, left.residuals[row], atoms, lambda: lambda)
    }
    self.active = Deviation(active.flatMap(\.pulls).map { $0 - 1 })
    let silent = SilentLatents(left, codes, atoms, lambda: lambda, isSigned: isSigned, compute)
    self.silent = Deviation(silent.excess)
    missed = silent.missed

    let sums = LatentSums(active, left, atoms)
    let errors = sums.used.map { sums.atomError($0, atoms, lambda: lambda) }
    self.atoms = Deviation(errors)
    worstAtom = Extreme(
      largestOf: zip(sums.used, errors).map { Extreme(place: $0, value: $1) })
    worstRow = Extreme(
      largestOf: active.indices.map { row in
        Extreme(
          place: row,
          value: active[row].pulls.reduce(silent.excess[row]) { max($0, abs($1 - 1)) })
      })
    self.bias = Deviation(sums.used.map { sums.off[$0] / Double(sums.counts[$0]) })
    encoder = Deviation(sums.used.map { sums.relativeInput($0) })
    pairs = Deviation(
      isSigned ? [] : sums.pairErrors(active, atoms, lambda: lambda, compute))

    var found = [(error: Double, share: Double)?](repeating: nil, count: rows.rows)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: rows.rows) { row, _ in
        found[row] = active[row].residualError(atoms, lambda: lambda)
      }
    }
    residuals = Deviation(found.compactMap { $0?.error })
    let energies = left.residuals.map { dot($0, $0) }
    let energy = energies.reduce(0, +)
    fixedByActiveSet =
      energy > 0 ? found.reduce(0) { $0 + ($1?.share ?? 0) } / energy : 0
    var mean = [Double](repeating: 0, count: atoms.width)
    for residual in left.residuals {
      for index in mean.indices { mean[index] += residual[index] }
    }
    output =
      energy > 0
      ? dot(mean, mean).squareRoot() / (Double(rows.rows) * energy).squareRoot() : 0
  }
}

extension FirstOrderConditions.Extreme {
  fileprivate init(largestOf extremes: [Self]) {
    self = extremes.max { ($0.value, $1.place) < ($1.value, $0.place) } ?? Self(place: 0, value: 0)
  }
}
