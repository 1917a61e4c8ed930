public import SparseCoding

/// The atoms of one dictionary at unit length, and which of them are live.
///
/// A row of a decoder is divided by its Euclidean norm (computed in `Double`), so no agreement depends on
/// the scale of a row. A row of zeros has no direction: it is never live, and where dead atoms are
/// included its cosine with everything is 0.
public struct UnitAtoms: Sendable {
  /// The dictionary, as errors shall name it.
  public let name: String
  /// Every atom, dead ones included, `[latents, width]`; zero rows stay zero.
  public let all: Matrix
  /// The live atoms, `[live, width]`.
  public let live: Matrix
  /// The latents of the live atoms, ascending.
  public let liveLatents: [Int]
  /// The lengths that the atoms had, `[latents]`.
  public let lengths: [Double]

  /// The atoms of a decoder.
  ///
  /// - Parameters:
  ///   - decoder: `[latents, width]`, an atom a row.
  ///   - live: The latents that fire, in any order; `nil` if that is not known, then all count.
  ///   - name: What an error calls this dictionary.
  /// - Throws: If a weight is not finite, or no live atom has a direction.
  /// - Precondition: The live latents exist.
  public init(_ decoder: Matrix, live: [Int]? = nil, name: String) throws(MetricError) {
    var units = decoder
    var lengths = [Double](repeating: 0, count: decoder.rows)
    for latent in 0..<decoder.rows {
      let norm = Self.norm(of: decoder.row(latent))
      guard norm.isFinite else {
        throw MetricError(
          place: "\(name): decoder row \(latent)", found: "a value that is not finite",
          expected: "finite weights",
          hint: "the run that wrote it diverged; use an earlier checkpoint")
      }
      lengths[latent] = norm
      guard norm > 0 else { continue }
      for index in latent * decoder.columns..<(latent + 1) * decoder.columns {
        units.values[index] = Float(Double(decoder.values[index]) / norm)
      }
    }
    if let live {
      precondition(
        live.allSatisfy { decoder.rows > $0 && $0 >= 0 },
        "live latents beyond the \(decoder.rows) of \(name)")
    }
    let chosen = Set(live ?? Array(0..<decoder.rows)).filter { lengths[$0] > 0 }.sorted()
    guard !chosen.isEmpty else {
      throw MetricError(
        place: name, found: "no live atom among \(decoder.rows)",
        expected: "at least one that fires and is not zero",
        hint: "compare all atoms, or look at more rows before calling them dead")
    }
    self.name = name
    all = units
    self.lengths = lengths
    self.live = chosen.count == decoder.rows ? units : units.selecting(rows: chosen)
    liveLatents = chosen
  }

  /// The number of latents, dead ones included.
  public var latents: Int { all.rows }
  /// The number of coordinates of an atom.
  public var width: Int { all.columns }

  private static func norm(of row: ArraySlice<Float>) -> Double {
    row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
