public import SparseCoding

/// How much of their supports two codings of the same rows share, latent by latent.
///
///     code_iou = mean over rows of |supp z intersect supp z'| / |supp z union supp z'|
///
/// over the rows whose union is not empty. Both codings are of one dictionary, so that nothing is
/// matched. 1 is equal supports; two thirds of shared latents, at equal sparsity, give 0.5. Random supports
/// of `k` of `n` latents give about `k / (2 n - k)`.
///
/// - Complexity: O(entries) time.
/// - Source: the code IoU of the iSAE paper's section 4 with the identity for a matching, as its oracle columns use it.
public struct CodeOverlap: Hashable, Sendable {
  /// Rows on which at least one coding has an active latent.
  public private(set) var rows = 0
  private var sum = 0.0

  /// No rows.
  public init() {}

  /// The mean overlap of a row; `nan` without rows.
  public var codeIoU: Double { sum / Double(rows) }

  /// Adds two codings of a block of rows.
  ///
  /// - Precondition: Equal numbers of rows and latents.
  public mutating func add(_ first: SparseCodes, _ second: SparseCodes) {
    precondition(
      first.rows == second.rows && first.latents == second.latents,
      "codes of \(first.rows) x \(first.latents) and of \(second.rows) x \(second.latents)")
    for row in 0..<first.rows {
      let a = first.indices[first.entries(ofRow: row)]
      let b = second.indices[second.entries(ofRow: row)]
      var shared = 0
      var (i, j) = (a.startIndex, b.startIndex)
      while i < a.endIndex, j < b.endIndex {
        if a[i] == b[j] { shared += 1 }
        let next = (i: a[i] <= b[j], j: b[j] <= a[i])
        if next.i { i += 1 }
        if next.j { j += 1 }
      }
      let union = a.count + b.count - shared
      guard union > 0 else { continue }
      sum += Double(shared) / Double(union)
      rows += 1
    }
  }
}
