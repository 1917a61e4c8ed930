public import DictionaryMetrics
public import SparseCoding

/// How far the atoms are from where the error pushes none of them, for the distribution that rows are drawn from.
///
/// With codes held, moving atom `k` alone lowers `sum over rows of |r|² / 2 + lambda sum over j of |d_j| |z_j|` until
///
///     p_k = g_k - lambda (sum over rows of |z_k|) d_k / |d_k| = 0,   g_k = sum over rows of z_k r
///
/// and by `|p_k|² / (2 sum of z_k²)` at most. `effect` is the sum of that over all atoms, as a share of the whole.
/// Sampling alone makes `|p|²` positive; the products of `p` of different blocks of rows have the right mean, if blocks are alike and independent. An objective
/// that leaves codes free to be rescaled (TopK, JumpReLU) is stationary only where the part along the atom vanishes too; a
/// penalty on codes whose weight is not known leaves the part across it.
///
/// - Complexity: O(latents × blocks² × width).
/// - Source: "How optimality structures sparse dictionaries", condition C2, strengthened by the freedom of scale; Efron
///   1982, The Jackknife, chapter 3.
public struct DecoderStationarity: Hashable, Sendable {
  /// The part of the push across the atoms, which would turn them.
  public let across: Part
  /// The part along them, less that of the penalty.
  public let along: Part
  /// Both.
  public let whole: Part
  /// By how much each atom would turn, in radians, what sampling adds taken off; `[latents]`.
  public let turns: [Double]
  /// The length of the part of `g_k` across the atom over that of all of it, `[latents]`; sampling is not taken off.
  ///
  /// Where it is zero `u_j · u_k = u_j · g_k / (u_k · g_k)` for every other atom `j`.
  public let tangents: [Double]
  /// The penalty that the part along each atom would balance, `d_k · g_k / (|d_k| sum of |z_k|)`; `[latents]`.
  public let penalties: [Double]

  /// A push, as a share of the error that following it would remove.
  public struct Part: Hashable, Sendable {
    /// The share, unbiased: it can be below zero.
    public var effect: Double
    /// Its interval of 95 %, by leaving out each block of rows in turn.
    public var low, high: Double
    /// The share of all signs of the blocks that give as much: what it has if there is no push; 1/128 at the least.
    public var chance: Double
  }

  /// Of codes and residuals on atoms.
  ///
  /// - Parameter lambda: The weight of the penalty, with `|r|² / 2`; 0 for none.
  /// - Precondition: As many atoms as latents, each of which is active.
  public init(
    _ moments: ResidualMoments, atoms: BoundedAtoms, lambda: Double, on compute: Compute
  ) {
    precondition(moments.latents == atoms.count && moments.width == atoms.width)
    var found = [Push?](repeating: nil, count: atoms.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: atoms.count) { latent, _ in
        found[latent] = Push(latent, moments, atoms, lambda: lambda)
      }
    }
    let pushes = found.compactMap { $0 }
    let sum = { (gram: (Push) -> [Double]) in
      pushes.reduce(into: [Double](repeating: 0, count: Self.blocks * Self.blocks)) { sum, push in
        for (place, value) in gram(push).enumerated() { sum[place] += value / push.energy }
      }
    }
    // Twice the cost of each block's rows.
    let energies = (0..<Self.blocks).map { block in
      pushes.indices.reduce(moments.residualEnergies[block]) { sum, latent in
        sum + 2 * lambda * atoms.lengths[latent] * moments.activities[latent * Self.blocks + block]
      }
    }
    across = Self.part(sum(\.across), energies)
    along = Self.part(sum(\.along), energies)
    whole = Self.part(sum { zip($0.across, $0.along).map { $0 + $1 } }, energies)
    turns = pushes.map { push in
      let square = Self.apart(push.across, without: nil)
      return max(0, square).squareRoot() / (push.energy * push.length)
    }
    penalties = pushes.map(\.penalty)
    tangents = pushes.map(\.tangent)
  }

  private static let blocks = ResidualMoments.blocks

  /// The products of one atom's push in all pairs of blocks.
  private struct Push {
    var across, along: [Double]
    var energy, length, penalty, tangent: Double

    init(_ latent: Int, _ moments: ResidualMoments, _ atoms: BoundedAtoms, lambda: Double) {
      let blocks = DecoderStationarity.blocks
      (energy, length) = (moments.energies[latent], atoms.lengths[latent])
      let sums = (0..<blocks).map { moments.sum(of: latent, block: $0) }
      let activities = moments.activities[latent * blocks..<(latent + 1) * blocks]
      let radial = sums.map {
        BoundedAtoms.dot($0, atoms.atoms.row(latent)) / atoms.lengths[latent]
      }
      let left = zip(radial, activities).map { $0 - lambda * $1 }
      across = [Double](repeating: 0, count: blocks * blocks)
      along = across
      for a in 0..<blocks {
        for b in 0..<blocks {
          across[a * blocks + b] = BoundedAtoms.dot(sums[a], sums[b]) - radial[a] * radial[b]
          along[a * blocks + b] = left[a] * left[b]
        }
      }
      penalty = radial.reduce(0, +) / activities.reduce(0, +)
      let (turned, drawn) = (max(0, across.reduce(0, +)), radial.reduce(0, +))
      let whole = turned + drawn * drawn
      tangent = whole > 0 ? (turned / whole).squareRoot() : 0
    }
  }

  /// The squared sum of all blocks as estimated from the products of different ones, without one of them or with all.
  private static func apart(_ gram: [Double], without left: Int?, signs: [Double]? = nil) -> Double
  {
    let used = (0..<blocks).filter { $0 != left }
    var sum = 0.0
    for a in used {
      for b in used where a != b {
        sum += gram[a * blocks + b] * (signs.map { $0[a] * $0[b] } ?? 1)
      }
    }
    return sum * Double(used.count) / Double(used.count - 1)
  }

  static func part(_ gram: [Double], _ energies: [Double]) -> Part {
    let whole = energies.reduce(0, +)
    guard whole > 0 else { return Part(effect: 0, low: 0, high: 0, chance: 1) }
    let square = apart(gram, without: nil)
    let effect = square / whole
    // Without a block codes' energies are 7/8 of what the products were divided by.
    let rest = Double(blocks - 1) / Double(blocks)
    let pseudovalues = (0..<blocks).map { left in
      let others = whole - energies[left]
      let without = others > 0 ? apart(gram, without: left) / rest / others : 0
      return Double(blocks) * effect - Double(blocks - 1) * without
    }
    let interval = meanInterval(of: pseudovalues) ?? (effect, effect)
    let patterns = 1 << (blocks - 1)
    let asLarge = (0..<patterns).count { pattern in
      let signs = (0..<blocks).map { pattern >> $0 & 1 == 0 ? 1.0 : -1 }
      return apart(gram, without: nil, signs: signs) >= square - 1e-12 * abs(square)
    }
    return Part(
      effect: effect, low: interval.low, high: interval.high,
      chance: Double(asLarge) / Double(patterns))
  }
}
