public import SparseCoding

/// How often an active feature's own latent is silent while others carry the feature.
///
/// On a row where feature w, of length one, is active, with its best latent m, codes z, atoms d and their cosines c with w:
///
///     p_k = z_k (d_k . w),   P = w . x
///     absorbed: z_m = 0, P >= 0, and of the latents with c_k >= 0.025 the greatest p_k is at least 0.4 P
///
/// How much of it others carry, with `A` the sum of the three greatest p_k of latents other than m with c_k >= 0.1:
///
///     fraction = 0 where p_m >= P or A < 0.4 P,  1 else where p_m <= 0,  else a / (a + p_m),  a = min(A, P - p_m)
///
/// Scores are means over the rows of a feature, then over features.
///
/// A feature counts as absorbed where that is so on more than a tenth of at least ten rows, and its best atom has
/// a cosine of 0.7 with it: others have no latent of their own.
///
/// - Complexity: O(active features × active latents × width) a row.
/// - Source: full absorption and absorption fraction of SAEBench, with the true direction for the probe and the best
///   atom for the main latents.
/// - Elsewhere: SAEBench `mean_full_absorption_score`, `mean_absorption_fraction_score` (probes of first letters).
public struct AbsorptionCounts: Sendable {
  private let features: Matrix
  private let atoms: Matrix
  /// The lengths of the atoms.
  private let lengths: [Double]
  private let owners: [Int]
  private let hasOwner: [Bool]
  /// The place of each feature of the truth among those that were looked for.
  private let places: [Int: Int]
  private var active: [Int]
  private var absorbed: [Int]
  private var fractions: [Double]
  /// The rows of each feature on which rounding leaves open whether it is absorbed.
  private var open: [Int]
  /// Features whose best latent is as near to the cosine of one's own as rounding.
  private let hasOpenOwner: [Bool]

  /// No rows of features with their best latents, from `FeatureRecovery`.
  ///
  /// - Parameter numbers: The number of each feature in the truth.
  public init(
    _ recovery: FeatureRecovery, of features: Matrix, numbered numbers: [Int], by decoder: Matrix
  ) {
    func units(_ rows: Matrix) -> Matrix {
      var units = rows
      for row in 0..<rows.rows {
        let norm = rows.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm > 0 else { continue }
        for column in 0..<rows.columns {
          units[row, column] = Float(Double(rows[row, column]) / norm)
        }
      }
      return units
    }
    self.features = units(features)
    atoms = units(decoder)
    lengths = (0..<decoder.rows).map { atom in
      decoder.row(atom).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    owners = recovery.bestLatents
    places = Dictionary(uniqueKeysWithValues: zip(numbers, numbers.indices))
    hasOwner = recovery.bestCosines.map { $0 >= 0.7 }
    active = [Int](repeating: 0, count: features.rows)
    absorbed = active
    fractions = [Double](repeating: 0, count: features.rows)
    open = active
    hasOpenOwner = recovery.bestCosines.map { abs($0 - 0.7) < 1e-5 }
  }

  /// Adds rows with their codes by the dictionary; row `r` is row `positions[r]` of the truth.
  public mutating func add(
    _ rows: Matrix, _ codes: SparseCodes, truth: SparseCodes, at positions: [Int]
  ) {
    for (row, position) in positions.enumerated() {
      for entry in truth.entries(ofRow: position) {
        guard let feature = places[Int(truth.indices[entry])],
          hasOwner[feature] || hasOpenOwner[feature]
        else { continue }
        active[feature] += 1
        let carried = carried(feature, rows.row(row), codes, codes.entries(ofRow: row))
        if carried.isAbsorbed { absorbed[feature] += 1 }
        if carried.isOpen { open[feature] += 1 }
        fractions[feature] += carried.fraction
      }
    }
  }

  /// What other latents carry of a feature in a row.
  private func carried(
    _ feature: Int, _ row: ArraySlice<Float>, _ codes: SparseCodes, _ entries: Range<Int>
  ) -> (isAbsorbed: Bool, isOpen: Bool, fraction: Double) {
    let whole = dot(row, features.row(feature))
    var own = 0.0
    var isOn = false
    /// Whether a number is at its bound but for the rounding of unit vectors to floats, some 1e-7 of what they multiply.
    var isNear = false
    var size = dot(row, row).squareRoot()
    if abs(whole) < 1e-6 * size { isNear = true }
    var greatest = 0.0
    var others: [Double] = []
    for entry in entries {
      let latent = Int(codes.indices[entry])
      let value = Double(codes.values[entry])
      let cosine = dot(atoms.row(latent), features.row(feature))
      if latent == owners[feature] {
        (own, isOn) = (value * lengths[latent] * cosine, value != 0)
        continue
      }
      // Of codes with signs an opposite atom carries as much.
      let towards = value < 0 ? -cosine : cosine
      let part = value * lengths[latent] * cosine
      if abs(towards - 0.025) < 1e-6 { isNear = true }
      size = max(size, abs(value) * lengths[latent])
      if towards >= 0.025 { greatest = max(greatest, part) }
      if towards >= 0.1 { others.append(part) }
    }
    let isAbsorbed = !isOn && whole >= 0 && greatest > 0 && greatest >= 0.4 * whole
    isNear = isNear || abs(greatest - 0.4 * whole) < 1e-6 * size
    let isOpen = isNear && !isOn
    let most = others.sorted(by: >).prefix(3).reduce(0, +)
    guard whole > 0, own < whole, most >= 0.4 * whole else { return (isAbsorbed, isOpen, 0) }
    guard own > 0 else { return (isAbsorbed, isOpen, 1) }
    let taken = min(most, whole - own)
    return (isAbsorbed, isOpen, taken / (taken + own))
  }

  private func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// The features that are absorbed.
  public var count: Int {
    judged.count { 10 * absorbed[$0] > active[$0] }
  }

  /// How many they are at least and at most, whatever rounding did at the bounds of their definition; the best atom of a
  /// feature is that of floats.
  public var countBounds: ClosedRange<Int> {
    let sure = judged.count { !hasOpenOwner[$0] && 10 * (absorbed[$0] - open[$0]) > active[$0] }
    let possible = active.indices.count {
      active[$0] >= 10 && (hasOpenOwner[$0] || 10 * (absorbed[$0] + open[$0]) > active[$0])
    }
    return sure...max(sure, possible)
  }

  /// Of each latent that a judged feature has for its own, the largest share of such a feature's rows on which it is
  /// absorbed.
  public var shares: [Int: Double] {
    judged.reduce(into: [:]) { shares, place in
      let share = Double(absorbed[place]) / Double(active[place])
      shares[owners[place]] = max(shares[owners[place]] ?? 0, share)
    }
  }

  /// The features with a latent of their own that are active on at least ten rows.
  private var judged: [Int] { active.indices.filter { hasOwner[$0] && active[$0] >= 10 } }

  /// The number of features that scores are means over.
  public var judgedFeatures: Int { judged.count }

  /// The mean share of a feature's rows on which it is absorbed; nil without features to judge.
  public var meanFull: Double? {
    mean { Double(absorbed[$0]) / Double(active[$0]) }
  }

  /// The mean fraction that others carry of a feature; nil without features to judge.
  public var meanFraction: Double? { mean { fractions[$0] / Double(active[$0]) } }

  /// The feature that is absorbed on the largest share of its rows, by its number in the truth, with its own latent.
  public var worst: (feature: Int, latent: Int, share: Double)? {
    let share = { (place: Int) in Double(absorbed[place]) / Double(active[place]) }
    guard let place = judged.max(by: { (share($0), $1) < (share($1), $0) }),
      let number = places.first(where: { $0.value == place })?.key
    else { return nil }
    return (number, owners[place], share(place))
  }

  private func mean(_ value: (Int) -> Double) -> Double? {
    let judged = judged
    return judged.isEmpty ? nil : judged.reduce(0) { $0 + value($1) } / Double(judged.count)
  }
}
