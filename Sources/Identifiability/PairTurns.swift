public import DictionaryMetrics
public import SparseCoding

/// The turns of two atoms in their plane that lower the error most, to first order and with codes held.
///
/// Atom `j` turns towards `k` along `u_jk`, of length one and across `j`. By `e` radians that lowers the error,
/// as a share of itself, by `s_jk e`:
///
///     s_jk = 2 |d_j| g_j · u_jk / sum over rows of |r|²,   g_j = sum over rows of z_j r
///
///     merge:  s_jk + s_kj       split:  -(s_jk + s_kj)       rotate:  |s_jk - s_kj|
///
/// with both towards each other, apart, or the same way round; of signed codes towards the other's line. Lengths stay, so a penalty on codes by the lengths of
/// their atoms does too; where codes are the best for their objective its slope is this one. Pairs are chosen on half of
/// the blocks of rows and measured on the other: the largest of many slopes would be large by chance.
///
/// - Complexity: O(atoms² × width) for the atoms that are pushed most, 2,048 of them.
/// - Source: our own, in answer to how features merge, split and slant: "How optimality structures sparse dictionaries",
///   section 4.
public struct PairTurns: Hashable, Sendable {
  /// The best of each kind, the one with the largest slope on the half that chose them first; none for a single atom.
  public let found: [Turn]
  /// What no pair exceeds on these rows: the two strongest pushes together, noise included.
  public let bound: Double
  /// The upper end of its interval of 95 %, by leaving out each block of rows in turn; of those that are pushed most.
  public let boundHigh: Double

  /// What two atoms do.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// They turn towards each other, or away from each other, or the same way round.
    case merge, split, rotate
  }

  /// A turn of two atoms.
  public struct Turn: Hashable, Sendable {
    /// What they do.
    public var kind: Kind
    /// The two atoms.
    public var atoms: [Int]
    /// The share of the error that it removes a radian, at first, on the half that did not choose them.
    public var slope: Double
    /// Its interval of 95 %, over the blocks of that half.
    public var low, high: Double
  }

  private static let most = 2048
  /// The strongest pushes that are looked at without a block; others do not become the two strongest.
  private static let strongest = 64

  /// The best turns of codes and residuals on atoms.
  ///
  /// - Precondition: As many atoms as latents.
  public init(
    _ moments: ResidualMoments, atoms: BoundedAtoms, convention: CosineConvention,
    on compute: Compute
  ) {
    precondition(moments.latents == atoms.count && moments.width == atoms.width)
    let blocks = Array(0..<ResidualMoments.blocks)
    let (choosing, measuring) = (blocks.filter { $0 % 2 == 0 }, blocks.filter { $0 % 2 == 1 })
    let all = moments.pushes(in: blocks, across: atoms)
    let whole = moments.residual(in: blocks)
    bound = Self.bound(of: all.map(\.length), whole)
    let few = Array(
      all.indices.sorted { all[$0].length > all[$1].length }.prefix(Self.strongest))
    let full = bound
    let pseudovalues = blocks.map { left in
      let others = blocks.filter { $0 != left }
      let lengths = few.map { moments.push(of: $0, in: others, across: atoms).length }
      let without = Self.bound(of: lengths, moments.residual(in: others))
      return Double(blocks.count) * full - Double(blocks.count - 1) * without
    }
    boundHigh = max(full, meanInterval(of: pseudovalues)?.high ?? full)
    let chosen = moments.pushes(in: choosing, across: atoms)
    let order = chosen.indices.sorted { (-chosen[$0].length, $0) < (-chosen[$1].length, $1) }
    let some = Array(order.prefix(Self.most)).sorted()
    guard some.count > 1, bound > 0, moments.residual(in: measuring) > 0 else {
      found = []
      return
    }
    let units = atoms.units.selecting(rows: some)
    let pushes = Matrix(
      rows: some.count, columns: atoms.width, values: some.flatMap { chosen[$0].push })
    let (along, cosines) = (compute.product(pushes, units), compute.product(units, units))
    var best: [Kind: (value: Float, pair: [Int])] = [:]
    for first in some.indices {
      for second in 0..<first {
        // Nearly one direction: they span no plane.
        let sine = (1 - cosines[first, second] * cosines[first, second]).squareRoot()
        guard sine > 0.01 else { continue }
        // Towards the line of a signed atom.
        let side = convention == .absolute && cosines[first, second] < 0 ? -sine : sine
        let (a, b) = (along[first, second] / side, along[second, first] / side)
        for kind in Kind.allCases {
          let value = kind.slope(a, b)
          if value > best[kind]?.value ?? 0 { best[kind] = (value, [some[second], some[first]]) }
        }
      }
    }
    let kinds = Kind.allCases.filter { best[$0] != nil }
      .sorted { best[$0]?.value ?? 0 > best[$1]?.value ?? 0 }
    found = kinds.compactMap { kind in
      best[kind].map {
        Self.measured(
          kind, $0.pair, moments, atoms, convention, in: measuring, choosing)
      }
    }
  }

  private static func bound(of pushes: [Double], _ residual: Double) -> Double {
    let strongest = pushes.sorted(by: >).prefix(2).reduce(0, +)
    return strongest > 0 ? 2 * strongest / residual : 0
  }

  /// A turn on blocks that did not choose it; which way round is the other blocks' choice.
  private static func measured(
    _ kind: Kind, _ pair: [Int], _ moments: ResidualMoments, _ atoms: BoundedAtoms,
    _ convention: CosineConvention, in blocks: [Int], _ choosing: [Int]
  ) -> Turn {
    let cosine = atoms.cosine(pair[0], pair[1])
    let side = convention == .absolute && cosine < 0 ? -1.0 : 1
    func slopes(_ blocks: [Int]) -> (Double, Double) {
      let towards = pair.map { atom -> Double in
        let other = atom == pair[0] ? pair[1] : pair[0]
        let push = moments.sum(of: atom, in: blocks)
        let (own, its) = (
          BoundedAtoms.dot(push[...], atoms.atoms.row(atom)) / atoms.lengths[atom],
          BoundedAtoms.dot(push[...], atoms.atoms.row(other)) / atoms.lengths[other]
        )
        let sine = (1 - cosine * cosine).squareRoot()
        return side * 2 * atoms.lengths[atom] * (its - cosine * own) / sine
      }
      return (towards[0], towards[1])
    }
    let way = slopes(choosing)
    let sign = kind == .rotate && way.0 < way.1 ? -1.0 : 1
    let value = { (pair: (Double, Double)) in
      kind == .rotate ? sign * (pair.0 - pair.1) : kind.slope(pair.0, pair.1)
    }
    let whole = moments.residual(in: blocks)
    // Each block speaks for all of them.
    let each = blocks.map { Double(blocks.count) * value(slopes([$0])) / whole }
    let slope = each.reduce(0, +) / Double(each.count)
    let interval = meanInterval(of: each) ?? (slope, slope)
    return Turn(kind: kind, atoms: pair, slope: slope, low: interval.low, high: interval.high)
  }
}

extension PairTurns.Kind {
  /// What is gained by the slopes of the one towards the other.
  fileprivate func slope<Value: SignedNumeric & Comparable>(_ a: Value, _ b: Value) -> Value {
    switch self {
    case .merge: a + b
    case .split: -(a + b)
    case .rotate: a > b ? a - b : b - a
    }
  }
}

extension ResidualMoments {
  /// The sum of the squared residuals of some blocks.
  fileprivate func residual(in blocks: [Int]) -> Double {
    blocks.reduce(0) { $0 + residualEnergies[$1] }
  }

  /// `g` of a latent over some blocks.
  fileprivate func sum(of latent: Int, in blocks: [Int]) -> [Float] {
    var sum = [Float](repeating: 0, count: width)
    for block in blocks {
      for (index, value) in self.sum(of: latent, block: block).enumerated() { sum[index] += value }
    }
    return sum
  }

  /// Of each atom the part of `|d| g` across it, and its length.
  fileprivate func pushes(
    in blocks: [Int], across atoms: BoundedAtoms
  ) -> [(push: [Float], length: Double)] {
    (0..<latents).map { push(of: $0, in: blocks, across: atoms) }
  }

  /// That of one atom.
  fileprivate func push(
    of latent: Int, in blocks: [Int], across atoms: BoundedAtoms
  ) -> (push: [Float], length: Double) {
    let (sum, atom) = (sum(of: latent, in: blocks), atoms.units.row(latent))
    let along = BoundedAtoms.dot(sum[...], atom)
    let push = zip(sum, atom).map {
      Float(atoms.lengths[latent] * (Double($0) - along * Double($1)))
    }
    return (push, BoundedAtoms.dot(push[...], push[...]).squareRoot())
  }
}
