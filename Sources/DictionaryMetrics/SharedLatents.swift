public import SparseCoding

/// The latents of two dictionaries that their decoders and their encoders pair alike.
///
/// A latent `a` of the first is shared if the one-to-one matching of decoder rows and that of encoder rows
/// both give it the same partner `b`, and both cosines are at least the threshold:
///
///     shared_fraction = #shared / min(K_A, K_B),   K the live counts of the decoders
///
/// Its null is that of independent dictionaries whose latents have the same joint second moment of decoder
/// and encoder row, so that encoders that resemble their decoders do so in the null too.
///
/// - Complexity: two of `DictionaryPair.matching(on:)`.
/// - Source: Paulo and Belrose 2025 (arXiv 2501.16615), with their threshold; live atoms and rectangles here.
/// - Elsewhere: EleutherAI sae_overlap (all latents, square).
public struct SharedLatents: Hashable, Sendable {
  /// The shared pairs: latents, not positions among the live ones; ascending by the first.
  public let pairs: [Pair]
  /// How many of the latents that could be are shared.
  public let fraction: Double
  /// By how much the two matchings can be from their optima at most, in mean cosine.
  public let gap: Double

  /// A latent of the first dictionary and its partner.
  public struct Pair: Hashable, Sendable {
    /// The two latents.
    public let first, second: Int
  }

  /// The threshold of the paper that both cosines have to reach.
  public static let standardThreshold: Float = 0.7

  /// The shared latents of two dictionaries.
  ///
  /// - Parameters:
  ///   - decoders: Their decoder rows.
  ///   - encoders: Their encoder rows; a latent that is live in only one of the pairs cannot be shared.
  ///   - matching: That of the decoders, where it is known.
  public init(
    decoders: DictionaryPair, encoders: DictionaryPair, matching: OneToOneMatching? = nil,
    threshold: Float = standardThreshold, on compute: Compute
  ) {
    let decoded = matching ?? decoders.matching(on: compute)
    let encoded = encoders.matching(on: compute)
    func latents(_ matching: OneToOneMatching, _ pair: DictionaryPair) -> [Pair] {
      matching.pairs.filter { $0.cosine >= threshold }.map {
        Pair(first: pair.first.liveLatents[$0.first], second: pair.second.liveLatents[$0.second])
      }
    }
    let both = Set(latents(encoded, encoders))
    pairs = latents(decoded, decoders).filter(both.contains)
    fraction = Double(pairs.count) / Double(decoded.pairs.count)
    gap = max(decoded.gap, encoded.gap)
  }

  /// What `fraction` would be for independent random dictionaries, by simulation.
  ///
  /// Each draw takes the rows (decoder, encoder) of both dictionaries from the law of the joint rows, both
  /// halves at unit length, of as many latents as are live in decoder and encoder.
  ///
  /// - Complexity: once O(live × width² + width³) at twice the width, then two matchings a draw.
  /// - Precondition: At least one draw, and latents that are live in both.
  public static func null(
    decoders: DictionaryPair, encoders: DictionaryPair, threshold: Float = standardThreshold,
    law: AtomLaw = .decoderSecondMoment, seed: UInt64, draws: Int, on compute: Compute
  ) throws(MetricError) -> NullStatistic {
    let first = try JointRows(decoders.first, encoders.first, law, on: compute)
    let second = try JointRows(decoders.second, encoders.second, law, on: compute)
    var fractions: [Double] = []
    for draw in 0..<draws {
      let a = try first.draw(seed: seed, name: "shared/first/\(draw)", on: compute)
      let b = try second.draw(seed: seed, name: "shared/second/\(draw)", on: compute)
      fractions.append(
        SharedLatents(
          decoders: try DictionaryPair(
            a.decoder, b.decoder, convention: decoders.convention),
          encoders: try DictionaryPair(
            a.encoder, b.encoder, convention: encoders.convention),
          threshold: threshold, on: compute
        ).fraction)
    }
    return NullStatistic(of: fractions)
  }
}

/// The law of a dictionary's latents: decoder and encoder row side by side.
private struct JointRows {
  private let width: Int
  private let count: Int
  private let atoms: RandomAtoms

  init(
    _ decoder: UnitAtoms, _ encoder: UnitAtoms, _ law: AtomLaw, on compute: Compute
  ) throws(MetricError) {
    let isEncoded = Set(encoder.liveLatents)
    let latents = decoder.liveLatents.filter(isEncoded.contains)
    var joint: [Float] = []
    joint.reserveCapacity(2 * latents.count * decoder.width)
    for latent in latents { joint += decoder.all.row(latent) + encoder.all.row(latent) }
    width = decoder.width
    count = latents.count
    let rows = try UnitAtoms(
      Matrix(rows: count, columns: decoder.width + encoder.width, values: joint),
      name: decoder.name)
    atoms = RandomAtoms(law, like: rows, on: compute)
  }

  func draw(
    seed: UInt64, name: String, on compute: Compute
  ) throws(MetricError) -> (decoder: UnitAtoms, encoder: UnitAtoms) {
    let joint = atoms.draw(count, seed: seed, name: name, on: compute)
    func half(_ range: Range<Int>) throws(MetricError) -> UnitAtoms {
      var values: [Float] = []
      values.reserveCapacity(count * range.count)
      for row in 0..<count {
        let start = row * joint.columns
        values += joint.values[start + range.lowerBound..<start + range.upperBound]
      }
      return try UnitAtoms(
        Matrix(rows: count, columns: range.count, values: values), name: name)
    }
    return (try half(0..<width), try half(width..<joint.columns))
  }
}
