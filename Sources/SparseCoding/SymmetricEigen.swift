/// The eigenvalues and orthonormal eigenvectors of a real symmetric matrix, in `Double`.
///
///     A = sum over i of values[i] · v_i v_iᵀ,   values descending,   v_i · v_j = [i = j]
///
/// Householder reflections make `A` tridiagonal, implicit QL makes that diagonal. Only additions,
/// multiplications, divisions and square roots are used, in one fixed order: the same input has the
/// same bits of output everywhere. Equal eigenvalues have some orthonormal basis of their space, and
/// the sign of a vector is arbitrary.
///
/// - Complexity: O(order³) time; half a second for the values alone at order 1,024, a few seconds
///   with vectors. Memory: three matrices.
/// - Source: Golub and Van Loan, Matrix Computations, 4th edition, sections 8.3.1 and 8.3.3;
///   EISPACK `tred2`, `tql2`.
/// - Elsewhere: LAPACK `dsyev`, numpy `linalg.eigh` (ascending values, vectors in columns).
public struct SymmetricEigen: Sendable {
  /// The number of rows of the matrix.
  public let order: Int
  /// The eigenvalues, largest first.
  public let values: [Double]
  /// The eigenvectors, row after row, `[order, order]`, in the order of the values.
  public let vectors: [Double]

  /// The eigenvalues and eigenvectors of a matrix given row after row.
  ///
  /// Only the diagonal and what is below it are read. If an element is not finite, every value and
  /// every vector is `nan`.
  ///
  /// - Precondition: `matrix.count == order * order`.
  public init(_ matrix: [Double], order: Int) {
    guard let form = TridiagonalForm(matrix, order: order) else {
      self.order = order
      values = [Double](repeating: .nan, count: order)
      vectors = [Double](repeating: .nan, count: order * order)
      return
    }
    var rows = RotatedRows(identityOfOrder: order)
    let unsorted = form.eigenvalues { rows.rotate($0) }
    let basis = form.transformingBack(rows.finished())
    // Equal values keep the order in which they were found.
    let ranking = unsorted.indices.sorted { (unsorted[$1], $0) < (unsorted[$0], $1) }
    self.order = order
    values = ranking.map { unsorted[$0] }
    vectors = ranking.flatMap { basis[$0 * order..<($0 + 1) * order] }
  }

  /// Only the eigenvalues, largest first; several times as fast as with vectors.
  ///
  /// The bits are those of `init(_:order:).values`: the same steps find them.
  ///
  /// - Precondition: `matrix.count == order * order`.
  public static func values(of matrix: [Double], order: Int) -> [Double] {
    guard let form = TridiagonalForm(matrix, order: order) else {
      return [Double](repeating: .nan, count: order)
    }
    return form.eigenvalues { _ in }.sorted(by: >)
  }

  /// One eigenvector.
  public func vector(_ index: Int) -> ArraySlice<Double> {
    vectors[index * order..<(index + 1) * order]
  }
}

/// A plane rotation of the rows `lower` and `lower + 1`.
struct PlaneRotation {
  var lower: Int
  var cosine: Double
  var sine: Double
}
