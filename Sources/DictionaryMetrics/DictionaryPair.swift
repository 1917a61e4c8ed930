public import SparseCoding

/// Two dictionaries of one width, to be compared by one convention.
///
/// Every agreement below is unchanged by the order of atoms, by their positive scale and by exchanging
/// the two; under the absolute convention also by their signs.
public struct DictionaryPair: Sendable {
  /// The two dictionaries.
  public let first, second: UnitAtoms
  /// Whether cosines count with their sign in `mmcs` and `dcs`.
  public let convention: CosineConvention

  /// A pair of dictionaries.
  ///
  /// - Throws: If their widths differ.
  public init(
    _ first: UnitAtoms, _ second: UnitAtoms, convention: CosineConvention
  ) throws(MetricError) {
    guard first.width == second.width else {
      throw MetricError(
        place: "\(first.name) and \(second.name)",
        found: "atoms of width \(first.width) and of width \(second.width)",
        expected: "dictionaries of one site",
        hint: "only dictionaries that were trained on the same activations can agree")
    }
    self.first = first
    self.second = second
    self.convention = convention
  }

  /// The best matches of live atoms among live atoms, of which `mmcs` is the mean.
  ///
  ///     mmcs(A -> B) = mean over live a of max over live b of cos(a, b)
  ///     mmcs         = (mmcs(A -> B) + mmcs(B -> A)) / 2
  ///
  /// Several atoms may share a partner. Positions are those in `liveLatents`.
  ///
  /// - Complexity: O(live × live × width) for each direction; the matrix of cosines is never built.
  /// - Source: Sharkey et al. 2022, as the mean max cosine similarity; over live atoms here.
  /// - Elsewhere: HUSAI "PWMCC" (absolute, dead atoms included: `mmcsAll`; the name is also that of
  ///   Song et al.'s `pwMCC`, another quantity); SAELens, dictionary_learning, sparsify, overcomplete and
  ///   openai have none between two dictionaries; implementations against a known truth take one
  ///   direction, true to learned.
  public func bestMatches(on compute: Compute) -> MutualMatches {
    MutualMatches(first.live, second.live, convention, on: compute)
  }

  /// The mean of best cosines as the timescale-separation paper has it.
  ///
  ///     mmcs_all = mean over both directions of mean over all a of max over all b of |cos(a, b)|
  ///
  /// Absolute whatever the convention, dead atoms included: atoms that never moved keep it near its null.
  ///
  /// - Complexity: See `bestMatches(on:)`.
  /// - Elsewhere: HUSAI "PWMCC" (same).
  public func mmcsAll(on compute: Compute) -> Double {
    MutualMatches(first.all, second.all, .absolute, on: compute).mmcs
  }

  /// The one-to-one pairing of live atoms with the greatest sum of cosines, of which `dcs` is the mean.
  ///
  ///     dcs = max over one-to-one π of [sum over live a of cos(a, π(a))] / min(K_A, K_B)
  ///
  /// with `K` the live counts. Never above the best match. Positions are those in `liveLatents`.
  ///
  /// - Complexity: See `Assignment`, with four bytes for each pair of atoms, up to 2^24 pairs; beyond that some
  ///   three products of all atoms with all and about four copies of the atoms (see `SparseMatching`).
  /// - Source: iSAE paper, dictionary consistency; over live atoms and rectangles here.
  /// - Elsewhere: SAELens `mcc` against planted features (absolute, dead atoms included, divided by
  ///   the shorter side: `dcsAll`); overcomplete `cosine_hungarian_loss` (the sum of signed `1 - cos`,
  ///   equal shapes only); Song et al. (`pwMCC`); Paulo and Belrose match encoder and decoder apart and
  ///   count pairs above 0.7.
  public func matching(on compute: Compute) -> OneToOneMatching {
    OneToOneMatching(first.live, second.live, convention, on: compute)
  }

  /// The one-to-one agreement as the iSAE paper has it.
  ///
  ///     dcs_all = max over one-to-one π of [sum over all a of |cos(a, π(a))|] / min(K_A, K_B)
  ///
  /// Absolute whatever the convention, dead atoms included, `K` all atoms.
  ///
  /// - Complexity: See `matching(on:)`; beyond 2^24 pairs twice that, for the magnitudes.
  /// - Elsewhere: SAELens `mcc` (same, against planted features).
  public func dcsAll(on compute: Compute) -> Double { matchingOfAll(on: compute).dcs }

  /// The pairing of which `dcsAll` is the mean: absolute cosines, dead atoms included.
  ///
  /// - Complexity: See `dcsAll(on:)`.
  public func matchingOfAll(on compute: Compute) -> OneToOneMatching {
    OneToOneMatching(first.all, second.all, .absolute, on: compute)
  }

  /// The pairwise mean correlation coefficient of Song et al.
  ///
  ///     pw_mcc = max over permutations π of [sum over all a of cos(a, π(a))] / K
  ///
  /// Signed whatever the convention, dead atoms included.
  ///
  /// - Returns: `nil` unless both have as many atoms: it is defined for squares.
  /// - Complexity: See `matching(on:)`.
  /// - Source: Song et al. 2025 (arXiv 2505.20254).
  /// - Elsewhere: HUSAI's "PWMCC" is not this but `mmcsAll`.
  public func pwMCC(on compute: Compute) -> Double? {
    guard first.latents == second.latents else { return nil }
    return OneToOneMatching(first.all, second.all, .signed, on: compute).dcs
  }
}

/// An agreement on the scale on which chance is 0 and identity is 1.
///
///     kappa = (s - s0) / (1 - s0)
///
/// `s0` is the null of the same statistic, convention and live counts. Below 0 is less than chance. A
/// ratio `s / s0` is capped at `1 / s0`, which depends on the width; kappa compares across widths.
///
/// - Source: Cohen 1960, for the agreement of raters.
/// - Elsewhere: nobody prints it; papers print `s / s0` against the isotropic null.
public func kappa(of agreement: Double, null: Double) -> Double {
  (agreement - null) / (1 - null)
}
