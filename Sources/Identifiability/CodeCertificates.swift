public import DictionaryMetrics
public import SparseCoding

/// What is proved of one code: that no other code with the same reconstruction is as small, or how much smaller one
/// could be at most.
public struct CodeCertificate: Hashable, Sendable {
  /// What the largest pull of `h` on another atom lies in, rounding included; at least 0, and 0 without other atoms.
  public var pull: ClosedRange<Double>
  /// The atom with the largest pull; nil without other atoms.
  public var rival: Int?
  /// Whether `w`, the code whose products with all active atoms are the signs, is provably positive.
  public var hasPositiveWeights: Bool
  /// A number that the smallest eigenvalue of the active atoms' cosines is not below, some half of it.
  public var leastEigenvalue: Double

  /// Whether the code is the only one of its size or less: its atoms are independent, and no other is pulled at by 1.
  public var isUnique: Bool { leastEigenvalue > 0 && pull.upperBound < 1 }
  /// How far the largest pull is from 1; not above 0 where nothing is proved.
  public var margin: Double { 1 - pull.upperBound }
  /// The share of the code's size that every code with the same reconstruction has at least.
  public var shareOfOptimum: Double {
    leastEigenvalue > 0 ? min(1, 1 / pull.upperBound) : 0
  }
}

/// Proofs, row by row, that a code is the only one of its size with its reconstruction.
///
/// Of a code `z` with support `S`, signs `s` and the reconstruction `y = sum over j of z_j d_j`, the size is
/// `sum over j of |d_j| |z_j|`. With `u_j = d_j / |d_j|` and the certificate
///
///     h = sum over i in S of w_i u_i,   w = G_S^-1 s,   G_S the cosines of the atoms in S,
///
/// `u_i · h = s_i` on the support. If the atoms of `S` are independent and `pull = max over j not in S of |u_j · h|` is
/// below 1 (`u_j · h` where codes are nonnegative), every other code of `y` is larger:
/// `sum |d_j| |z'_j| >= sum z'_j d_j · h = y · h = sum |d_j| |z_j|`, with equality only on `S`. In any case the size of
/// the best code is at least `1 / pull` of that of `z`.
///
/// `h` is rounded to floats and used as it then is: its error on the support is bounded and paid for by
/// `|error| / sqrt(least eigenvalue)`. A pull within the float product's bound of 1 is computed again in `Double`.
///
/// - Source: Fuchs 2004, On sparse representations in arbitrary redundant bases, IEEE Transactions on Information
///   Theory 50(6), theorem 4; one-sided: Fuchs 2005, Sparsity and uniqueness for some specific under-determined linear
///   systems, ICASSP.
/// - Complexity: O(rows × width × atoms) in floats, and O(rows × k² × (width + k)) in doubles.
public struct CodeCertificates: Sendable {
  let bounded: BoundedAtoms
  let isSigned: Bool

  /// Certificates on atoms, for codes whose signs count or that are nonnegative.
  public init(_ atoms: BoundedAtoms, convention: CosineConvention) {
    bounded = atoms
    isSigned = convention == .absolute
  }

  /// The certificate of each row of codes.
  public func certificates(of codes: SparseCodes, on compute: Compute) -> [CodeCertificate] {
    // A block of products stays within some megabytes.
    let block = max(1, min(1024, (1 << 22) / max(bounded.count, 1)))
    var found: [CodeCertificate] = []
    found.reserveCapacity(codes.rows)
    for start in stride(from: 0, to: codes.rows, by: block) {
      found += certificates(of: codes, rows: start..<min(start + block, codes.rows), on: compute)
    }
    return found
  }

  private func certificates(
    of codes: SparseCodes, rows: Range<Int>, on compute: Compute
  ) -> [CodeCertificate] {
    var directions = [Direction?](repeating: nil, count: rows.count)
    directions.withUnsafeMutableBufferPointer { directions in
      nonisolated(unsafe) let directions = directions
      compute.pool.run(units: rows.count) { place, _ in
        directions[place] = direction(of: codes, row: rows.lowerBound + place)
      }
    }
    var heights = Matrix(rows: rows.count, columns: bounded.width)
    for (place, direction) in directions.enumerated() {
      guard let direction else { continue }
      for (index, value) in direction.height.enumerated() { heights[place, index] = value }
    }
    let products = compute.product(heights, bounded.units)
    var certificates = [CodeCertificate](
      repeating: CodeCertificate(
        pull: 0...(.infinity), rival: nil, hasPositiveWeights: false, leastEigenvalue: 0),
      count: rows.count)
    certificates.withUnsafeMutableBufferPointer { certificates in
      nonisolated(unsafe) let certificates = certificates
      compute.pool.run(units: rows.count) { place, _ in
        guard let direction = directions[place] else { return }
        certificates[place] = certificate(direction, products: products.row(place))
      }
    }
    return certificates
  }

  /// `h` of a row, and what it is off by.
  private struct Direction {
    var support: [Int]
    var hasPositiveWeights: Bool
    var leastEigenvalue: Double
    var height: [Float]
    var length: Double
    /// How far `h` is from one that meets the support exactly, at most.
    var error: Double
  }

  /// `h` of a row; nil where its atoms are not provably independent.
  private func direction(of codes: SparseCodes, row: Int) -> Direction? {
    let entries = codes.entries(ofRow: row).filter { codes.values[$0] != 0 }
    let support = entries.map { Int(codes.indices[$0]) }
    let signs = entries.map { codes.values[$0] < 0 ? -1.0 : 1.0 }
    let count = support.count
    guard count <= bounded.width else { return nil }
    guard count > 0 else {
      return Direction(
        support: [], hasPositiveWeights: true, leastEigenvalue: 1,
        height: [Float](repeating: 0, count: bounded.width), length: 0, error: 0)
    }
    let gram = bounded.gram(of: support)
    let least = EigenvalueBounds.floor(
      of: gram, order: count, entryError: bounded.cosineError)
    guard least > 0, let weights = CholeskyFactor(of: gram, order: count)?.solution(signs)
    else { return nil }
    let height = bounded.sum(support, weights).map { Float($0) }
    let length = BoundedAtoms.dot(height[...], height[...]).squareRoot() * 1.000_001
    var missed = 0.0
    for (atom, sign) in zip(support, signs) {
      let met = BoundedAtoms.dot(bounded.atoms.row(atom), height[...]) / bounded.lengths[atom]
      let error = abs(sign - met) + bounded.cosineError * length
      missed += error * error
    }
    // What the weights are off by, from what they leave of the signs and from the cosines' errors.
    var (rest, size) = (0.0, 0.0)
    for row in 0..<count {
      var left = signs[row]
      for column in 0..<count { left -= gram[row * count + column] * weights[column] }
      rest += left * left
      size += weights[row] * weights[row]
    }
    let perEntry = bounded.cosineError + Double(count) * 0x1p-52
    let weightError =
      1.000_001 * (rest.squareRoot() + Double(count) * perEntry * size.squareRoot()) / least
    // To change u_i · h by e on the support takes no longer a vector than |e| / sqrt(least eigenvalue).
    return Direction(
      support: support,
      hasPositiveWeights: weights.allSatisfy { $0 > weightError }, leastEigenvalue: least,
      height: height, length: length,
      error: (missed / least).squareRoot() * 1.000_001)
  }

  private func certificate(
    _ direction: Direction, products: ArraySlice<Float>
  ) -> CodeCertificate {
    let slack = bounded.productError * direction.length + 0x1p-100
    let active = Set(direction.support)
    // Below it a pull is below 1 with all that it may be off by; from it on a float does not tell.
    let threshold = Float(1 - slack - direction.error).nextDown
    var greatest = -Float.infinity
    var rival: Int?
    var near: [(atom: Int, pull: Double)] = []
    for (atom, product) in products.enumerated() {
      let pull = isSigned ? abs(product) : product
      guard pull > greatest, !active.contains(atom) else { continue }
      if pull < threshold {
        (greatest, rival) = (pull, atom)
      } else {
        let product =
          BoundedAtoms.dot(bounded.atoms.row(atom), direction.height[...]) / bounded.lengths[atom]
        near.append((atom, isSigned ? abs(product) : product))
      }
    }
    guard rival != nil || !near.isEmpty else {
      return CodeCertificate(
        pull: 0...0, rival: nil, hasPositiveWeights: direction.hasPositiveWeights,
        leastEigenvalue: direction.leastEigenvalue)
    }
    var (low, high) = (Double(greatest) - slack, Double(greatest) + slack)
    if let first = near.max(by: { $0.pull < $1.pull }) {
      let error = bounded.cosineError * direction.length
      low = max(low, first.pull - error)
      if first.pull + error > high { (high, rival) = (first.pull + error, first.atom) }
    }
    // A float's worth of `h` may lie off the span of its atoms, where the support does not see it.
    low = max(0, low - direction.error - 0x1p-23 * direction.length)
    return CodeCertificate(
      pull: low...max(low, high + direction.error), rival: rival,
      hasPositiveWeights: direction.hasPositiveWeights,
      leastEigenvalue: direction.leastEigenvalue)
  }
}
