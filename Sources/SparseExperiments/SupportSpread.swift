import DictionaryTraining
import Identifiability
import RunRecords
import SparseCoding

/// How far the atoms that act together are from orthonormal, as `R` of `SupportConditioning`, on average.
///
/// Where atoms are as random directions `R` is near `(|S| - 1) / width`.
///
/// - Source: the column R_S of "Toward Identifiable Sparse Autoencoders", which is `largest`; its definition 3.3 is on
///   `pairs`.
struct SupportSpread: Hashable, Sendable {
  /// Of the latents with the 2k largest scores of a row, silent ones too.
  var largest: Spread?
  /// Of the latents that are active on either of two rows.
  var pairs: Spread?

  /// R and what it is of as many random directions.
  struct Spread: Hashable, Sendable {
    var value, random: Double
  }
}

extension SupportSpread {
  /// The rows at most that are looked at, evenly spread.
  private static let rows = 512
  /// The largest support that is looked at: the cost is that of its square.
  private static let greatest = 1024

  /// Measures the supports of held-out rows; the rows of a pair are half of all apart.
  ///
  /// Nothing is measured where there is no support, or one of more than 1,024 latents.
  ///
  /// - Complexity: O(rows × k² × width) after coding them.
  init(of named: NamedDictionary, on rows: TrainingRows, compute: Compute) throws {
    let coder = named.coder
    let evaluated = Array(rows.evaluated)
    let step = max(1, (evaluated.count + Self.rows - 1) / Self.rows)
    let chosen = try rows.source.matrix(
      ofRows: stride(from: 0, to: evaluated.count, by: step).map { evaluated[$0] })
    var codes = coder.encode(chosen, on: compute)
    let l0 = Double(codes.indices.count) / Double(max(codes.rows, 1))
    let k = coder.activation.k ?? max(1, Int(l0.rounded()))
    var scores = coder.largestScores(min(2 * k, Self.greatest + 1), of: chosen, on: compute)
    // A latent without an atom takes no part.
    let atoms = (0..<coder.latents).filter { coder.decoder.row($0).contains { $0 != 0 } }
    let bounded = BoundedAtoms(coder.decoder.selecting(rows: atoms))
    var places = [Int32](repeating: -1, count: coder.latents)
    for (place, latent) in atoms.enumerated() { places[latent] = Int32(place) }
    codes = codes.renumbered(places, latents: atoms.count)
    scores = scores.renumbered(places, latents: atoms.count)
    func support(_ codes: SparseCodes, _ row: Int) -> [Int] {
      codes.entries(ofRow: row).map { Int(codes.indices[$0]) }
    }
    let wide = (0..<scores.rows).map { support(scores, $0) }
    let half = codes.rows / 2
    let joint = (0..<half).map { row in
      Set(support(codes, row) + support(codes, row + half)).sorted()
    }
    largest = Self.mean(of: wide, bounded, compute)
    pairs = Self.mean(of: joint, bounded, compute)
  }

  private static func mean(
    of supports: [[Int]], _ bounded: BoundedAtoms, _ compute: Compute
  ) -> Spread? {
    let some = supports.filter { !$0.isEmpty }
    guard !some.isEmpty, some.allSatisfy({ $0.count <= greatest }) else { return nil }
    var found = [Double](repeating: 0, count: some.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: some.count) { place, _ in
        found[place] = bounded.spread(of: some[place])
      }
    }
    let others = some.reduce(0) { $0 + $1.count - 1 }
    return Spread(
      value: found.reduce(0, +) / Double(some.count),
      random: Double(others) / Double(some.count * bounded.width))
  }
}
