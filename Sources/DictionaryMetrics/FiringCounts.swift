public import SparseCoding

/// How often each latent fired, gathered block by block under the inference rule.
///
/// - Complexity: O(active latents) time to add, O(latents) memory.
public struct FiringCounts: Hashable, Sendable {
  /// The rows added.
  public private(set) var rows = 0
  /// For each latent the number of rows with `|z| > 0`.
  public private(set) var counts: [Int]

  /// No rows of codes with a number of latents.
  public init(latents: Int) {
    counts = [Int](repeating: 0, count: latents)
  }

  /// The number of latents.
  public var latents: Int { counts.count }

  /// Adds the codes of a block of rows.
  ///
  /// - Precondition: Codes of this many latents.
  public mutating func add(_ codes: SparseCodes) {
    precondition(
      codes.latents == latents, "codes of \(codes.latents) latents where \(latents) are counted")
    rows += codes.rows
    for (latent, value) in zip(codes.indices, codes.values) where value != 0 {
      counts[Int(latent)] += 1
    }
  }

  /// Adds rows that were counted apart.
  ///
  /// - Precondition: Equal numbers of latents.
  public mutating func merge(_ other: FiringCounts) {
    precondition(other.latents == latents, "\(other.latents) latents where \(latents) are counted")
    rows += other.rows
    for latent in counts.indices { counts[latent] += other.counts[latent] }
  }
}

extension FiringCounts {
  /// The mean number of active latents in a row.
  ///
  ///     l0 = sum over rows of #{i : |z_i| > 0} / rows
  ///
  /// `nan` without rows.
  ///
  /// - Elsewhere: SAELens and dictionary_learning `l0` (same, as a mean over batches); overcomplete
  ///   `sparsity` is `1 - l0 / latents`. A TopK model's `k` is only an upper bound.
  public var l0: Double { Double(counts.reduce(0, +)) / Double(rows) }

  /// For each latent the fraction of rows on which it is active.
  ///
  /// - Elsewhere: SAELens `feature_density` (same); its log10 is what dashboards draw.
  public var densities: [Double] { counts.map { Double($0) / Double(rows) } }

  /// The latents that fired, ascending.
  public var live: [Int] { counts.indices.filter { counts[$0] > 0 } }

  /// The fraction of latents that never fired on the rows added.
  ///
  ///     dead_fraction = #{i : z_i = 0 on every row} / latents
  ///
  /// It says as much as the rows it saw: the headline counts 10^6 held-out rows, or all if fewer.
  ///
  /// - Elsewhere: dictionary_learning `1 - frac_alive` (same, over the batches evaluated); SAELens
  ///   `dead_features` (1,000 training steps without firing), sparsify `dead_pct` and openai (10^7
  ///   tokens, while training); overcomplete `dead_codes` (a column sums to zero, which signed codes may
  ///   do while alive).
  public var deadFraction: Double { Double(counts.count { $0 == 0 }) / Double(latents) }
}
