public import DictionaryMetrics
import RunRecords
public import SparseCoding

/// The measures of a dictionary's live atoms, by definitions that their own documentation states.
public struct AtomMeasures: Codable, Hashable, Sendable {
  /// Atoms whose latents fire.
  public var liveAtoms: Int
  /// Live atoms when duplicates count once; see `DuplicateAtoms`.
  public var distinctAtoms: Int
  /// The directions that the live atoms at unit length, centred, amount to; see `SingularSpectrum`.
  public var effectiveRank: Double
  /// The same of squared singular values.
  public var effectiveRankOfSquares: Double
  /// The participation ratio of the variances.
  public var participationRatio: Double

  enum CodingKeys: String, CodingKey {
    case liveAtoms = "live_atoms"
    case distinctAtoms = "distinct_atoms"
    case effectiveRank = "effective_rank"
    case effectiveRankOfSquares = "effective_rank_of_squares"
    case participationRatio = "participation_ratio"
  }

  /// The measures of a dictionary of which the given latents are live; zeros if none is.
  ///
  /// - Throws: If a weight is not finite.
  /// - Complexity: O(live² × d_in + live × d_in² + d_in³).
  public init(_ dictionary: NamedDictionary, live: [Int], on compute: Compute) throws(MetricError) {
    let decoder = dictionary.coder.decoder
    let directed = live.filter { latent in decoder.row(latent).contains { $0 != 0 } }
    guard !directed.isEmpty else {
      (liveAtoms, distinctAtoms) = (0, 0)
      (effectiveRank, effectiveRankOfSquares, participationRatio) = (0, 0, 0)
      return
    }
    let atoms = try UnitAtoms(decoder, live: directed, name: dictionary.name)
    let duplicates = DuplicateAtoms(
      among: atoms, convention: CosineConvention(for: dictionary.coder.activation), on: compute)
    var covariance = CovarianceTotals(width: atoms.width)
    covariance.add(atoms.live, on: compute)
    let spectrum = covariance.spectrum()
    liveAtoms = directed.count
    distinctAtoms = duplicates.distinctAtoms
    effectiveRank = spectrum.effectiveRank
    effectiveRankOfSquares = spectrum.effectiveRankOfSquares
    participationRatio = spectrum.participationRatio
  }
}
