public import SparseCoding

/// The atoms of a dictionary with bounds for all that rounding does to their products.
///
/// The weights are taken as they are stored: a float is an exact number, and the product of two floats is exact in
/// `Double`. What remains is the rounding of sums. With `u = 2^-53` and `n` dimensions,
///
///     |computed cosine - cosine| <= cosineError = (2 n + 16) u
///
/// whatever the order of the sum (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1). Atoms have
/// any length but zero; claims are about directions, and codes are measured in `|d_j| |z_j|`.
public struct BoundedAtoms: Sendable {
  /// The atoms, `[atoms, width]`.
  public let atoms: Matrix
  /// Their lengths, `[atoms]`, off by less than `cosineError` of themselves.
  public let lengths: [Double]
  /// What a computed cosine is off by, at most.
  public let cosineError: Double
  /// The atoms at length one, rounded to floats.
  let units: Matrix
  /// What a chain of float multiply-adds over a unit atom and a vector of length one is off by, at most; the rounding of the
  /// atom included.
  public let productError: Double

  /// Atoms `[atoms, width]`.
  ///
  /// - Precondition: They are finite and none is zero.
  /// - Complexity: O(atoms × width).
  public init(_ atoms: Matrix) {
    self.atoms = atoms
    lengths = (0..<atoms.rows).map { Self.dot(atoms.row($0), atoms.row($0)).squareRoot() }
    precondition(lengths.allSatisfy { $0 > 0 && $0 < .infinity }, "an atom without a direction")
    cosineError = Double(2 * atoms.columns + 16) * 0x1p-53
    let terms = Double(atoms.columns + 4) * 0x1p-24
    productError = 1.000_001 * terms / (1 - terms)
    var units = atoms
    for atom in 0..<atoms.rows {
      for index in atom * atoms.columns..<(atom + 1) * atoms.columns {
        units.values[index] = Float(Double(atoms.values[index]) / lengths[atom])
      }
    }
    self.units = units
  }

  /// The number of atoms.
  public var count: Int { atoms.rows }
  /// The width of an atom.
  public var width: Int { atoms.columns }

  /// The cosine of two atoms, up to `cosineError`.
  public func cosine(_ a: Int, _ b: Int) -> Double {
    Self.dot(atoms.row(a), atoms.row(b)) / (lengths[a] * lengths[b])
  }

  /// The cosines of some atoms with each other, row after row, each up to `cosineError`; exact ones on the diagonal.
  ///
  /// - Complexity: O(support² × width).
  public func gram(of support: [Int]) -> [Double] {
    var gram = [Double](repeating: 1, count: support.count * support.count)
    for row in support.indices {
      for column in 0..<row {
        let cosine = cosine(support[row], support[column])
        gram[row * support.count + column] = cosine
        gram[column * support.count + row] = cosine
      }
    }
    return gram
  }

  /// The product of two rows of floats, up to `width × 2^-53` of the product of their lengths.
  static func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        // Sixteen sums side by side: the order is no part of the bound.
        var (first, second) = (SIMD8<Double>(), SIMD8<Double>())
        let whole = a.count / 16 * 16
        for index in Swift.stride(from: 0, to: whole, by: 16) {
          first += SIMD8<Double>(a.vector(index)) * SIMD8<Double>(b.vector(index))
          second += SIMD8<Double>(a.vector(index + 8)) * SIMD8<Double>(b.vector(index + 8))
        }
        var sum = (first + second).sum()
        for index in whole..<a.count { sum += Double(a[index]) * Double(b[index]) }
        return sum
      }
    }
  }
}

extension UnsafeBufferPointer<Float> {
  /// Eight elements from an index on.
  @inline(__always)
  func vector(_ index: Int) -> SIMD8<Float> {
    UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
  }
}
