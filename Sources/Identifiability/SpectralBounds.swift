public import SparseCoding

/// What the eigenvalues of the cosines of every support provably lie in, from those of all atoms.
///
/// The eigenvalues of a principal submatrix lie between the smallest and the largest of the whole (Cauchy), so that every
/// support has `delta <= max(greatest - 1, 1 - least)`. With more atoms than dimensions `least` is 0, and this proves
/// nothing below 1; with fewer it can prove what cosines one by one cannot.
///
/// - Source: Horn and Johnson, Matrix Analysis, theorem 4.3.28.
/// - Complexity: O(atoms × width × min(atoms, width) + min(atoms, width)³).
public struct SpectralBounds: Hashable, Sendable {
  /// What no eigenvalue of a support is below, and none above.
  public let least, greatest: Double

  /// What `delta` of every support is at most.
  public var delta: Double { max(greatest - 1, 1 - least, 0) }

  /// The largest number of atoms or dimensions, whichever is less, for which it is computed: the cost is that of its cube.
  public static let greatestOrder = 1024

  /// The bounds of a dictionary; nil where it is too large.
  public init?(_ bounded: BoundedAtoms, on compute: Compute) {
    let (count, width) = (bounded.count, bounded.width)
    guard min(count, width) <= Self.greatestOrder else { return nil }
    if count <= width {
      let bounds = EigenvalueBounds(
        of: bounded.gram(of: Array(0..<count)), order: count, entryError: bounded.cosineError)
      (least, greatest) = (max(0, bounds.least.lowerBound), bounds.greatest.upperBound)
      return
    }
    // The sum over atoms of u uᵀ has the same eigenvalues, but for zeros.
    var squares = [Double](repeating: 0, count: width * width)
    squares.withUnsafeMutableBufferPointer { squares in
      nonisolated(unsafe) let squares = squares
      compute.pool.run(units: width) { row, _ in
        for atom in 0..<count {
          let unit = bounded.atoms.row(atom)
          let value =
            Double(unit[unit.startIndex + row]) / (bounded.lengths[atom] * bounded.lengths[atom])
          for (column, other) in unit.prefix(row + 1).enumerated() {
            squares[row * width + column] += value * Double(other)
          }
        }
      }
    }
    for row in 0..<width {
      for column in 0..<row { squares[column * width + row] = squares[row * width + column] }
    }
    let size = (0..<width).map { squares[$0 * width + $0] }.max() ?? 0
    // Each entry is a sum of `count` products, none of which adds up to more than the largest on the diagonal.
    let error = (Double(count + 16) * 0x1p-52 + 3 * bounded.cosineError) * size
    let bounds = EigenvalueBounds(of: squares, order: width, entryError: error)
    (least, greatest) = (0, bounds.greatest.upperBound)
  }
}
