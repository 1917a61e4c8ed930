public import SparseCoding

/// How far two codings of the same rows agree, latent by latent.
///
///     code_iou      = mean over rows of |supp z intersect supp z'| / |supp z union supp z'|
///     code_distance = sum over rows of |z - z'| / sum over rows of (|z| + |z'|) / 2
///
/// over the rows whose union is not empty. Both codings are of the same latents: of one dictionary, or
/// mapped by a `CodeMatching`. Equal codes have 1 and 0; disjoint ones 0 and, at equal lengths, sqrt(2). Two
/// thirds of shared latents, at equal sparsity, give an overlap of 0.5; random supports of `k` of `n`
/// latents about `k / (2 n - k)`.
///
/// - Complexity: O(entries) time.
/// - Source: code IoU and code l2 of the iSAE paper (arXiv 2605.31245), section 4, which does not say whose
///   mean norm it divides by.
public struct CodeOverlap: Hashable, Sendable {
  /// Rows on which at least one coding has an active latent.
  public private(set) var rows = 0
  private var overlaps = 0.0
  private var distances = 0.0
  private var norms = 0.0

  /// No rows.
  public init() {}

  /// The mean overlap of a row's supports; `nan` without rows.
  public var codeIoU: Double { overlaps / Double(rows) }

  /// The mean distance of a row's codes over their mean length; `nan` without rows.
  public var codeDistance: Double { distances / (norms / 2) }

  /// Adds two codings of a block of rows.
  ///
  /// - Precondition: Equal numbers of rows and latents; indices ascend within a row.
  public mutating func add(_ first: SparseCodes, _ second: SparseCodes) {
    precondition(
      first.rows == second.rows && first.latents == second.latents,
      "codes of \(first.rows) x \(first.latents) and of \(second.rows) x \(second.latents)")
    for row in 0..<first.rows { add(first, row, second, row) }
  }

  /// Adds one row of each of two codings.
  mutating func add(_ first: SparseCodes, _ row: Int, _ second: SparseCodes, _ other: Int) {
    let (a, b) = (first.entries(ofRow: row), second.entries(ofRow: other))
    var (i, j) = (a.lowerBound, b.lowerBound)
    var shared = 0
    var (distance, squares, otherSquares) = (0.0, 0.0, 0.0)
    while i < a.upperBound || j < b.upperBound {
      let mine = i < a.upperBound ? first.indices[i] : .max
      let theirs = j < b.upperBound ? second.indices[j] : .max
      let x = mine <= theirs ? Double(first.values[i]) : 0
      let y = theirs <= mine ? Double(second.values[j]) : 0
      if mine == theirs { shared += 1 }
      if mine <= theirs { i += 1 }
      if theirs <= mine { j += 1 }
      distance += (x - y) * (x - y)
      squares += x * x
      otherSquares += y * y
    }
    let union = a.count + b.count - shared
    guard union > 0 else { return }
    overlaps += Double(shared) / Double(union)
    distances += distance.squareRoot()
    norms += squares.squareRoot() + otherSquares.squareRoot()
    rows += 1
  }
}
