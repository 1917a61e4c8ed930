/// Which features switch each latent on when they are active alone.
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), definition 3.1.
public struct ActivationPattern: Hashable, Sendable {
  /// The number of features.
  public let features: Int
  /// `F_i`: of each latent its features, ascending.
  public let active: [[Int]]

  /// A pattern of the features given.
  ///
  /// - Precondition: They exist.
  public init(features: Int, active: [[Int]]) {
    precondition(
      active.allSatisfy { $0.allSatisfy((0..<features).contains) },
      "features beyond the \(features)")
    self.features = features
    self.active = active.map { $0.sorted() }
  }

  /// Whether a latent has two features or more.
  public var isPolysemantic: Bool { active.contains { $0.count > 1 } }

  /// Whether every feature has exactly one latent.
  public var isPartition: Bool { active.flatMap(\.self).sorted() == Array(0..<features) }

  /// Of the latents that have a feature, the share that has two or more; 0 where none has any.
  public var polysemanticFraction: Double {
    let used = active.count { !$0.isEmpty }
    return Double(active.count { $0.count > 1 }) / Double(max(used, 1))
  }

  /// The share of latents that no feature switches on.
  public var emptyFraction: Double {
    Double(active.count { $0.isEmpty }) / Double(max(active.count, 1))
  }
}

/// Whether some encoder has a pattern, with the proof either way.
public enum Realizability: Hashable, Sendable {
  /// An encoder that has it, `[latents][d_in]`.
  case realizable(encoder: [[Double]])
  /// No encoder has it, because of a latent: multipliers of its features by Farkas' lemma.
  ///
  ///     y >= 0,   sum over d of ±y_d w_p^d = 0 (plus on F_i),   and y > 0 on some feature of F_i
  ///
  /// An encoder row would have a positive product with what is zero. With a threshold above zero: no encoder whose
  /// products on `F_i` exceed it by a thousandth.
  case impossible(latent: Int, certificate: [Double])
}

extension ActivationPattern {
  /// Whether an encoder of ReLU, or of a threshold above zero that all latents share, has this pattern.
  ///
  /// Each latent is a linear program of its own: `w · w_p^d > threshold` on `F_i`, `<= threshold` elsewhere. One nonnegative
  /// least-squares problem answers it: its residual is an encoder row, or if that is zero its solution
  /// is the certificate. With a threshold the products on `F_i` must exceed it by a thousandth.
  ///
  /// - Parameter inputs: `w_p^d`, `[features][d_in]`.
  /// - Complexity: some tens of least-squares solutions of `features` unknowns for each latent: small sizes.
  /// - Source: Farkas 1902; Lawson and Hanson 1974, chapter 23, for the program by least squares.
  public func realizability(on inputs: [[Double]], threshold: Double = 0) -> Realizability {
    precondition(inputs.count == features && threshold >= 0, "a pattern of \(features) features")
    var encoder: [[Double]] = []
    for (latent, own) in active.enumerated() {
      let isOwn = Set(own)
      // Off by a little more than asked, so that rounding switches nothing on; without that where it cannot be.
      let margins = [1e-6, 0]
      let tried = margins.lazy.map {
        Self.row(on: isOwn, of: inputs, threshold: threshold, margin: $0)
      }
      guard let row = tried.compactMap(\.row).first else {
        return .impossible(latent: latent, certificate: tried[1].multipliers)
      }
      encoder.append(row)
    }
    return .realizable(encoder: encoder)
  }

  /// Whether multipliers prove that no row switches a latent on by its features alone; see `Realizability`.
  ///
  /// They are checked as they stand, whatever found them: nonnegative, their sum of signed inputs zero up to 1e-7 of its
  /// parts, and, at a threshold, more of them on the latent's side than against it.
  public func proves(
    _ certificate: [Double], latent: Int, on inputs: [[Double]], threshold: Double = 0
  ) -> Bool {
    guard certificate.count == features, certificate.allSatisfy({ $0 >= 0 }) else { return false }
    let own = Set(active[latent])
    var sum = [Double](repeating: 0, count: inputs.first?.count ?? 0)
    var (parts, level, size) = (0.0, 0.0, 0.0)
    for (feature, weight) in certificate.enumerated() {
      let sign = own.contains(feature) ? 1.0 : -1
      for index in sum.indices { sum[index] += sign * weight * inputs[feature][index] }
      parts += weight * dot(inputs[feature], inputs[feature]).squareRoot()
      level += sign * weight * (threshold > 0 && own.contains(feature) ? 1.001 : 1)
      size += weight
    }
    let isZero = dot(sum, sum).squareRoot() <= 1e-7 * parts
    let onOwn = own.reduce(0) { $0 + certificate[$1] }
    return isZero && onOwn > 1e-7 * size && (threshold == 0 || level > 0)
  }

  /// A row above a threshold on some of the vectors and not on the others, or the multipliers that show there is none.
  private static func row(
    on own: Set<Int>, of inputs: [[Double]], threshold: Double, margin: Double
  ) -> (row: [Double]?, multipliers: [Double]) {
    // In units of the longest input and of the threshold, so that nothing depends on either's size.
    let scale = inputs.reduce(1e-300) { max($0, dot($1, $1).squareRoot()) }
    let unit = threshold > 0 ? threshold : 1
    let level = threshold / unit
    let above = threshold > 0 ? 1.001 : 1
    let columns = inputs.indices.map { feature in
      own.contains(feature)
        ? inputs[feature].map { $0 / scale } + [above]
        : inputs[feature].map { -$0 / scale } + [margin - level]
    }
    let width = inputs.first?.count ?? 0
    let goal = [Double](repeating: 0, count: width) + [1]
    let solved = NonnegativeLeastSquares(columns: columns, goal: goal)
    // The last element is the residual's square: zero where multipliers oppose.
    let rest = solved.residual[width]
    return (
      rest > 1e-9 ? solved.residual.prefix(width).map { -$0 / rest * unit / scale } : nil,
      solved.solution
    )
  }
}
