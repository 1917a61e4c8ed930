public import SparseCoding

/// Codes of two dictionaries on the same rows, as codes of common latents: matched ones are one latent,
/// every other one is a latent of its own.
///
/// A value counts in the units of the reconstruction, times the length of its atom, so the scale of a row
/// and its atom does not matter; where cosines are absolute, a pair of opposite atoms has opposite signs.
///
/// - Source: the iSAE paper (arXiv 2605.31245), section 4, for square dictionaries; live atoms here, and
///   unmatched latents stay in the union.
public struct CodeMatching: Sendable {
  private let first, second: Side
  /// The common latents: all of the first, and the second's that have no partner.
  public let latents: Int

  private struct Side: Sendable {
    /// For each latent its common one, and what its value is multiplied with.
    var places: [Int32]
    var factors: [Float]
  }

  /// The codes of two dictionaries under the matching of their live atoms.
  ///
  /// - Parameter matching: `pair.matching(on:)`.
  public init(_ pair: DictionaryPair, _ matching: OneToOneMatching) {
    let (mine, theirs) = (pair.first, pair.second)
    var places = [Int32?](repeating: nil, count: theirs.latents)
    var signs = [Float](repeating: 1, count: theirs.latents)
    for match in matching.pairs {
      let (a, b) = (mine.liveLatents[match.first], theirs.liveLatents[match.second])
      places[b] = Int32(a)
      let cosine = zip(mine.all.row(a), theirs.all.row(b)).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
      if pair.convention == .absolute, cosine < 0 { signs[b] = -1 }
    }
    var next = Int32(mine.latents)
    let all = places.map { place -> Int32 in
      if let place { return place }
      defer { next += 1 }
      return next
    }
    latents = Int(next)
    first = Side(
      places: (0..<Int32(mine.latents)).map { $0 }, factors: mine.lengths.map { Float($0) })
    second = Side(places: all, factors: zip(signs, theirs.lengths).map { $0 * Float($1) })
  }

  /// Codes of the first dictionary.
  public func first(_ codes: SparseCodes) -> SparseCodes { mapped(codes, first) }

  /// Codes of the second dictionary.
  public func second(_ codes: SparseCodes) -> SparseCodes { mapped(codes, second) }

  private func mapped(_ codes: SparseCodes, _ side: Side) -> SparseCodes {
    var mapped = codes
    for row in 0..<codes.rows {
      let entries = codes.entries(ofRow: row)
      let sorted = entries.sorted {
        side.places[Int(codes.indices[$0])] < side.places[Int(codes.indices[$1])]
      }
      for (to, from) in zip(entries, sorted) {
        let latent = Int(codes.indices[from])
        mapped.indices[to] = side.places[latent]
        mapped.values[to] = codes.values[from] * side.factors[latent]
      }
    }
    return SparseCodes(
      latents: latents, offsets: mapped.offsets, indices: mapped.indices, values: mapped.values)
  }
}

/// The agreement of two dictionaries' codes beside its null.
///
/// The null pairs each row's code with the second's code of another row of the same block, drawn at
/// random: densities and lengths stay, what the row has to do with its code does not.
public struct CodeAgreement: Hashable, Sendable {
  /// The codes of the same rows.
  public private(set) var codes = CodeOverlap()
  /// Those of other rows.
  public private(set) var null = CodeOverlap()

  /// No rows.
  public init() {}

  /// Adds the codes of a block of rows.
  ///
  /// - Parameter stream: Decides which rows the null pairs.
  /// - Complexity: O(entries log entries of a row).
  public mutating func add(
    _ first: SparseCodes, _ second: SparseCodes, matching: CodeMatching,
    by stream: inout RandomStream
  ) {
    let (a, b) = (matching.first(first), matching.second(second))
    codes.add(a, b)
    // One turn around a random circle through the rows: no row meets itself, unless there is but one.
    let order = stream.permutation(count: a.rows)
    for (place, row) in order.enumerated() {
      null.add(a, row, b, order[(place + 1) % order.count])
    }
  }
}
