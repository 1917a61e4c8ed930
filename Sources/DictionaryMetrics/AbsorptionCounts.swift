public import SparseCoding

/// How often an active feature's own latent is silent while others carry the feature.
///
/// On a row where feature w is active, with its best latent m, codes z and unit atoms d:
///
///     p_k = z_k (d_k . w),   P = w . x
///     absorbed: z_m = 0, P >= 0, and of the latents with d_k . w >= 0.025 the greatest p_k is at least 0.4 P
///
/// A feature counts as absorbed where that is so on more than a tenth of at least ten rows, and its best atom has
/// a cosine of 0.7 with it: others have no latent of their own.
///
/// - Complexity: O(active features × active latents × width) a row.
/// - Source: full absorption of SAEBench, with the true direction for the probe and the best atom for the main
///   latents.
public struct AbsorptionCounts: Sendable {
  private let features: Matrix
  private let atoms: Matrix
  private let owners: [Int]
  private let hasOwner: [Bool]
  /// The place of each feature of the truth among those that were looked for.
  private let places: [Int: Int]
  private var active: [Int]
  private var absorbed: [Int]

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
    owners = recovery.bestLatents
    places = Dictionary(uniqueKeysWithValues: zip(numbers, numbers.indices))
    hasOwner = recovery.bestCosines.map { $0 >= 0.7 }
    active = [Int](repeating: 0, count: features.rows)
    absorbed = active
  }

  /// Adds rows with their codes by the dictionary; row `r` is row `positions[r]` of the truth.
  public mutating func add(
    _ rows: Matrix, _ codes: SparseCodes, truth: SparseCodes, at positions: [Int]
  ) {
    for (row, position) in positions.enumerated() {
      for entry in truth.entries(ofRow: position) {
        guard let feature = places[Int(truth.indices[entry])], hasOwner[feature] else { continue }
        active[feature] += 1
        if isAbsorbed(feature, rows.row(row), codes, codes.entries(ofRow: row)) {
          absorbed[feature] += 1
        }
      }
    }
  }

  private func isAbsorbed(
    _ feature: Int, _ row: ArraySlice<Float>, _ codes: SparseCodes, _ entries: Range<Int>
  ) -> Bool {
    var greatest = 0.0
    for entry in entries {
      let latent = Int(codes.indices[entry])
      let value = Double(codes.values[entry])
      guard latent != owners[feature] || value == 0 else { return false }
      let cosine = dot(atoms.row(latent), features.row(feature))
      if cosine >= 0.025 { greatest = max(greatest, value * cosine) }
    }
    let projection = dot(row, features.row(feature))
    return projection >= 0 && greatest > 0 && greatest >= 0.4 * projection
  }

  private func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// The features that are absorbed.
  public var count: Int {
    zip(active, absorbed).count { $0 >= 10 && 10 * $1 > $0 }
  }
}
