/// A symmetric matrix as reflections around a tridiagonal matrix `T`: `A = P_{n-1} … P_2 T P_2 … P_{n-1}`.
///
/// `P_i = I - u_i u_iᵀ / h_i`, where `u_i` has its first `i` coordinates nonzero.
struct TridiagonalForm {
  private let order: Int
  /// The diagonal of `T`.
  private var diagonal: [Double]
  /// Below the diagonal of `T`: entry `i` joins rows `i - 1` and `i`; entry 0 is zero.
  private var offDiagonal: [Double]
  /// `u_i` in the first `i` entries of row `i`, `[order, order]`.
  private var reflectors: [Double]
  /// `h_i = |u_i|² / 2`, or 0 where `P_i` is the identity.
  private var halfNorms: [Double]

  /// The form of a matrix of which the lower triangle is read; `nil` if that is not all finite.
  init?(_ matrix: [Double], order: Int) {
    precondition(
      order >= 0 && matrix.count == order * order,
      "\(matrix.count) values cannot fill a symmetric matrix of order \(order)")
    self.order = order
    diagonal = [Double](repeating: 0, count: order)
    offDiagonal = diagonal
    halfNorms = diagonal
    reflectors = matrix
    for row in 0..<order {
      guard matrix[row * order...row * order + row].allSatisfy(\.isFinite) else { return nil }
    }
    reduce()
  }

  /// Reduces from the last row up, so that each reflection's vector is the start of a row.
  private mutating func reduce() {
    var product = [Double](repeating: 0, count: order)
    let order = order
    reflectors.withUnsafeMutableBufferPointer { buffer in
      product.withUnsafeMutableBufferPointer { product in
        guard order > 0, let matrix = buffer.baseAddress, let p = product.baseAddress else {
          return
        }
        for i in stride(from: order - 1, through: 1, by: -1) {
          let u = matrix + i * order
          diagonal[i] = u[i]
          (offDiagonal[i], halfNorms[i]) = Self.reflect(u, count: i)
          if halfNorms[i] > 0 {
            Self.apply(u, halfNorm: halfNorms[i], to: matrix, stride: order, count: i, scratch: p)
          }
        }
        diagonal[0] = matrix[0]
      }
    }
  }

  /// Turns `x` into the vector of the reflection that maps `x` onto its last axis.
  private static func reflect(
    _ x: UnsafeMutablePointer<Double>, count: Int
  ) -> (image: Double, halfNorm: Double) {
    var largest = 0.0
    for j in 0..<count - 1 { largest = max(largest, abs(x[j])) }
    guard largest > 0 else { return (x[count - 1], 0) }
    // Scaled, so that squares neither overflow nor vanish; u may have any length.
    let scale = max(largest, abs(x[count - 1]))
    for j in 0..<count { x[j] /= scale }
    let squares = dot(x, x, count: count)
    let last = x[count - 1]
    let image = last > 0 ? -squares.squareRoot() : squares.squareRoot()
    x[count - 1] = last - image
    return (image * scale, squares - last * image)
  }

  /// `A <- P A P` on the leading `count` rows, lower triangle only.
  private static func apply(
    _ u: UnsafePointer<Double>, halfNorm: Double, to matrix: UnsafeMutablePointer<Double>,
    stride: Int, count: Int, scratch p: UnsafeMutablePointer<Double>
  ) {
    // p = A u / h: row j of the lower triangle serves as row j and as column j.
    for j in 0..<count { p[j] = 0 }
    for j in 0..<count {
      let row = matrix + j * stride
      p[j] += dot(row, u, count: j) + row[j] * u[j]
      addMultiple(u[j], of: row, to: p, count: j)
    }
    for j in 0..<count { p[j] /= halfNorm }
    // q = p - (u·p / 2h) u;  A <- A - u qᵀ - q uᵀ.
    let half = dot(u, p, count: count) / (2 * halfNorm)
    addMultiple(-half, of: u, to: p, count: count)
    for j in 0..<count {
      let row = matrix + j * stride
      addMultiples(-u[j], p, -p[j], u, to: row, count: j + 1)
    }
  }

  /// The eigenvalues by implicit QL, in no order; each rotation is handed on as it is made.
  ///
  /// The rows of an identity to which all rotations are applied become the eigenvectors of `T`.
  func eigenvalues(_ rotation: (PlaneRotation) -> Void) -> [Double] {
    var d = diagonal
    var e = Array(offDiagonal.dropFirst()) + [0]
    guard order > 1 else { return d }
    for target in 0..<order {
      // QL converges cubically, within two or three sweeps; the bound only guards the loop.
      for _ in 0..<64 {
        var split = target
        while split < order - 1 {
          let size = abs(d[split]) + abs(d[split + 1])
          if abs(e[split]) <= Double.ulpOfOne / 2 * size { break }
          split += 1
        }
        if split == target { break }
        Self.sweep(&d, &e, from: target, to: split, rotation)
      }
    }
    return d
  }

  /// One implicit QL step with Wilkinson's shift on the block `from...to`.
  private static func sweep(
    _ d: inout [Double], _ e: inout [Double], from: Int, to: Int,
    _ rotation: (PlaneRotation) -> Void
  ) {
    let ratio = (d[from + 1] - d[from]) / (2 * e[from])
    let root = length(ratio, 1)
    var g = d[to] - d[from] + e[from] / (ratio + (ratio < 0 ? -root : root))
    var sine = 1.0
    var cosine = 1.0
    var p = 0.0
    for i in stride(from: to - 1, through: from, by: -1) {
      let f = sine * e[i]
      let b = cosine * e[i]
      let r = length(f, g)
      e[i + 1] = r
      if r == 0 {
        // The block has come apart at i + 1: take back what was carried and look again.
        d[i + 1] -= p
        e[to] = 0
        return
      }
      sine = f / r
      cosine = g / r
      g = d[i + 1] - p
      let t = (d[i] - g) * sine + 2 * cosine * b
      p = sine * t
      d[i + 1] = g + p
      g = cosine * t - b
      rotation(PlaneRotation(lower: i, cosine: cosine, sine: sine))
    }
    d[from] -= p
    e[from] = g
    e[to] = 0
  }

  /// Eigenvectors of `A` from those of `T`, both in rows.
  func transformingBack(_ rows: [Double]) -> [Double] {
    var rows = rows
    let order = order
    rows.withUnsafeMutableBufferPointer { buffer in
      reflectors.withUnsafeBufferPointer { reflectors in
        guard let rows = buffer.baseAddress, let u = reflectors.baseAddress else { return }
        // Eight rows at a time: the reflectors are read from memory an eighth as often.
        for start in stride(from: 0, to: order, by: 8) {
          for i in 2..<max(order, 2) where halfNorms[i] > 0 {
            for row in start..<min(start + 8, order) {
              let target = rows + row * order
              let share = dot(u + i * order, target, count: i) / halfNorms[i]
              addMultiple(-share, of: u + i * order, to: target, count: i)
            }
          }
        }
      }
    }
    return rows
  }
}

/// `sqrt(a² + b²)` without overflow.
private func length(_ a: Double, _ b: Double) -> Double {
  let large = max(abs(a), abs(b))
  guard large > 0 else { return 0 }
  let ratio = min(abs(a), abs(b)) / large
  return large * (1 + ratio * ratio).squareRoot()
}

/// The dot product, in eight interleaved partial sums.
private func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
  let left = UnsafeRawPointer(a)
  let right = UnsafeRawPointer(b)
  var sums = SIMD8<Double>()
  let whole = count & ~7
  for start in stride(from: 0, to: whole, by: 8) {
    sums +=
      left.loadUnaligned(fromByteOffset: start * 8, as: SIMD8<Double>.self)
      * right.loadUnaligned(fromByteOffset: start * 8, as: SIMD8<Double>.self)
  }
  var tail = 0.0
  for index in whole..<count { tail += a[index] * b[index] }
  let four = sums.lowHalf + sums.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y + tail
}

/// `y += a x`.
private func addMultiple(
  _ a: Double, of x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, count: Int
) {
  for index in 0..<count { y[index] += a * x[index] }
}

/// `z += a x + b y`.
private func addMultiples(
  _ a: Double, _ x: UnsafePointer<Double>, _ b: Double, _ y: UnsafePointer<Double>,
  to z: UnsafeMutablePointer<Double>, count: Int
) {
  for index in 0..<count { z[index] += a * x[index] + b * y[index] }
}
