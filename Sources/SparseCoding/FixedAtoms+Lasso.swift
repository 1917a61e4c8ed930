import CSparseKernels

/// What FISTA minimizes and when it stops.
struct Lasso: Sendable {
  var l1: Double
  var isNonnegative: Bool
  /// The duality gap at which a row is finished, relative to `|x - b|² / 2`.
  var tolerance: Double
  /// The most steps of a row.
  var iterations: Int
}

extension FixedAtoms {
  /// The smallest penalty at which FISTA gives every one of some rows the code zero, up to rounding.
  ///
  ///     max over rows x and atoms j of |<x - b, d_j>|
  ///
  /// - Complexity: O(rows × atoms × width).
  public func greatestPenalty(of rows: Matrix) -> Double {
    precondition(rows.columns == width, "rows of \(rows.columns) for atoms of \(width)")
    var centered = rows
    for index in centered.values.indices { centered.values[index] -= bias.start[index % width] }
    let products = compute.product(centered, atoms.matrix(rows: count, columns: width))
    return Double(products.values.reduce(0) { max($0, abs($1)) })
  }

  /// FISTA on units of rows side by side: one product of their residuals with all atoms a step.
  func minimize(_ rows: Matrix, _ lasso: Lasso) -> SparseCodes {
    let bound = squaredNormBound(of: atoms.matrix(rows: count, columns: width), on: compute)
    // Long units, so that finished rows make place for others, but work for every thread.
    let panel = Int(ELUTE_PANEL_ROWS)
    let share = (rows.rows + compute.pool.threads - 1) / compute.pool.threads
    return inUnits(of: min(4 * panel, max(panel, share)), rows) { unit in
      var descent = LassoDescent(lasso, on: self, squaredNorm: bound)
      return descent.codes(of: rows, unit)
    }
  }
}

/// FISTA on as many rows as a panel holds; a finished row makes place for the next of its unit.
///
///     z' = shrink(y + (x - b - y D) Dᵀ / L, l1 / L),   y' = z' + (t - 1) / t' · (z' - z),   t' = (1 + sqrt(1 + 4 t²)) / 2
///
/// with `L` at least the largest eigenvalue of `DᵀD`. Products are linear, so only those with the residual of
/// `z`, which is sparse, are computed; those of `y` follow. They also give the duality gap of `z`:
///
///     gap = |r|²/2 + l1 |z|₁ - |x|²/2 + |x - s r|²/2,   s = min(1, l1 / max over j of |<r, d_j>|)
private struct LassoDescent {
  private let lasso: Lasso
  private let atoms: FixedAtoms
  /// `L` above.
  private let squaredNorm: Double
  private let functions: UnsafePointer<EluteKernels>
  private let places = Int(ELUTE_PANEL_ROWS)
  private let rows, residuals, panel: AlignedBuffer<Float>
  /// `z` and the products of its residual, before and now, `[atoms, places]`.
  private var codes, earlierCodes, products, earlierProducts: AlignedBuffer<Float>
  private let strip: AlignedBuffer<Float>
  /// Of each place: the row, the steps done, FISTA's `t`, the nonzero entries of `z`.
  private var row: [Int?]
  private var steps: [Int]
  private var momentum: [Double]
  private var entries: [[(index: Int, value: Float)]]

  init(_ lasso: Lasso, on atoms: FixedAtoms, squaredNorm: Double) {
    self.lasso = lasso
    self.atoms = atoms
    self.squaredNorm = squaredNorm
    functions = atoms.compute.kernels.functions
    rows = AlignedBuffer(count: places * atoms.stride)
    residuals = AlignedBuffer(count: places * atoms.stride)
    panel = AlignedBuffer(count: places * atoms.width)
    strip = AlignedBuffer(count: places * Int(ELUTE_TILE_LATENTS))
    codes = AlignedBuffer(count: places * atoms.count)
    earlierCodes = AlignedBuffer(count: places * atoms.count)
    products = AlignedBuffer(count: places * atoms.count)
    earlierProducts = AlignedBuffer(count: places * atoms.count)
    row = [Int?](repeating: nil, count: places)
    steps = [Int](repeating: 0, count: places)
    momentum = [Double](repeating: 1, count: places)
    entries = [[(index: Int, value: Float)]](repeating: [], count: places)
  }

  mutating func codes(of matrix: Matrix, _ unit: Range<Int>) -> SparseCodes {
    var finished = [[(index: Int, value: Float)]](repeating: [], count: unit.count)
    var waiting = unit.makeIterator()
    for place in 0..<places { load(waiting.next(), of: matrix, at: place) }
    while squaredNorm > 0, row.contains(where: { $0 != nil }) {
      findProducts()
      let isDone = converged()
      for place in 0..<places where isDone[place] {
        if let row = row[place] { finished[row - unit.lowerBound] = entries[place] }
        load(waiting.next(), of: matrix, at: place)
      }
      step(holding: isDone)
    }
    var codes = SparseCodes(latents: atoms.count, offsets: [0], indices: [], values: [])
    for row in finished { codes.append(row) }
    return codes
  }

  /// Starts a row from the code zero, or leaves the place empty.
  private mutating func load(_ next: Int?, of matrix: Matrix, at place: Int) {
    row[place] = next
    steps[place] = 0
    momentum[place] = 1
    entries[place] = []
    for atom in 0..<atoms.count {
      codes.start[atom * places + place] = 0
      earlierCodes.start[atom * places + place] = 0
      products.start[atom * places + place] = 0
      earlierProducts.start[atom * places + place] = 0
    }
    let target = rows.start + place * atoms.stride
    target.update(repeating: 0, count: atoms.stride)
    guard let next else { return }
    matrix.row(next).withUnsafeBufferPointer { values in
      guard let first = values.baseAddress else { return }
      target.update(from: first, count: atoms.width)
      functions.pointee.accumulate(target, atoms.bias.start, -1, atoms.stride)
    }
  }

  /// The residuals of the codes and their products with all atoms.
  private func findProducts() {
    let stride = atoms.stride
    for place in 0..<places {
      let indices = entries[place].map { Int32($0.index) }
      let negated = entries[place].map { -$0.value }
      functions.pointee.decode(
        rows.start + place * stride, atoms.atoms.start, stride, indices, negated, indices.count,
        stride, residuals.start + place * stride)
    }
    functions.pointee.pack(residuals.start, stride, places, atoms.width, panel.start)
    let tile = Int(ELUTE_TILE_LATENTS)
    for first in Swift.stride(from: 0, to: atoms.count, by: tile) {
      let count = min(tile, atoms.count - first)
      functions.pointee.product_strip(
        panel.start, atoms.atoms.start + first * stride, stride, count, atoms.width, strip.start)
      (products.start + first * places).update(from: strip.start, count: count * places)
    }
  }

  /// Which places hold a row that is finished.
  private func converged() -> [Bool] {
    var greatest = [Float](repeating: 0, count: places)
    greatest.withUnsafeMutableBufferPointer { greatest in
      for atom in 0..<atoms.count {
        let products = products.start + atom * places
        for place in 0..<places {
          let size = lasso.isNonnegative ? products[place] : abs(products[place])
          greatest[place] = size > greatest[place] ? size : greatest[place]
        }
      }
    }
    return (0..<places).map { place in
      guard row[place] != nil else { return false }
      if steps[place] >= lasso.iterations { return true }
      let scale = min(1, lasso.l1 / Double(greatest[place]))
      let x = rows.start + place * atoms.stride
      let r = residuals.start + place * atoms.stride
      var error = 0.0
      var energy = 0.0
      var distance = 0.0
      for index in 0..<atoms.stride {
        let value = Double(x[index])
        let left = Double(r[index])
        error += left * left
        energy += value * value
        distance += (value - scale * left) * (value - scale * left)
      }
      let penalty = entries[place].reduce(0.0) { $0 + abs(Double($1.value)) } * lasso.l1
      let gap = error / 2 + penalty - energy / 2 + distance / 2
      return !(gap > lasso.tolerance * energy / 2)
    }
  }

  /// One step of every row but those whose products are still to come, which stay at zero.
  private mutating func step(holding isLoaded: [Bool]) {
    let rate = Float(1 / squaredNorm)
    let moves = (0..<places).map { row[$0] != nil && !isLoaded[$0] }
    let thresholds = moves.map { $0 ? Float(lasso.l1 / squaredNorm) : .infinity }
    var ahead = [Float](repeating: 0, count: places)
    for place in 0..<places where moves[place] && steps[place] > 0 {
      let next = (1 + (1 + 4 * momentum[place] * momentum[place]).squareRoot()) / 2
      ahead[place] = Float((momentum[place] - 1) / next)
      momentum[place] = next
    }
    // <y - z', z' - z> of each place: positive where the momentum points uphill.
    var uphill = [Float](repeating: 0, count: places)
    for place in 0..<places { entries[place].removeAll(keepingCapacity: true) }
    for part in stride(from: 0, to: places, by: 16) {
      let ahead = SIMD16(ahead[part..<part + 16])
      let threshold = SIMD16(thresholds[part..<part + 16])
      var turned = SIMD16<Float>()
      for atom in 0..<atoms.count {
        let first = atom * places + part
        let now = codes.vector(first)
        let earlier = earlierCodes.vector(first)
        let product = products.vector(first)
        let y = now + ahead * (now - earlier)
        let moved = y + rate * (product + ahead * (product - earlierProducts.vector(first)))
        // What is within the threshold becomes zero, what is beyond it is moved towards zero.
        let above = moved - threshold
        let below = moved + threshold
        var next = above.replacing(with: 0, where: above .<= 0)
        if !lasso.isNonnegative { next.replace(with: below, where: below .< 0) }
        turned += (y - next) * (next - now)
        earlierCodes.setVector(first, next)
        guard next != SIMD16() else { continue }
        for lane in 0..<16 where next[lane] != 0 {
          entries[part + lane].append((atom, next[lane]))
        }
      }
      for lane in 0..<16 { uphill[part + lane] = turned[lane] }
    }
    swap(&codes, &earlierCodes)
    swap(&products, &earlierProducts)
    for place in 0..<places where moves[place] {
      steps[place] += 1
      if uphill[place] > 0 { momentum[place] = 1 }
    }
  }
}

extension AlignedBuffer<Float> {
  /// Sixteen elements from an index on, a multiple of sixteen.
  @inline(__always)
  fileprivate func vector(_ index: Int) -> SIMD16<Float> {
    UnsafeRawPointer(start + index).load(as: SIMD16<Float>.self)
  }

  @inline(__always)
  fileprivate func setVector(_ index: Int, _ value: SIMD16<Float>) {
    UnsafeMutableRawPointer(start + index).storeBytes(of: value, as: SIMD16<Float>.self)
  }
}

/// A number that no eigenvalue of `DᵀD` exceeds, above the largest by a tenth at most.
///
///     max eigenvalue of G  <=  |G^32|_F^(1/32),   at most rank^(1/64) times too large
///
/// by five squarings, each after division by the Frobenius norm.
///
/// - Complexity: O(atoms × s² + s³), `s` the smaller of atoms and width.
func squaredNormBound(of atoms: Matrix, on compute: Compute) -> Double {
  let sides = atoms.columns < atoms.rows ? atoms.transposed() : atoms
  var power = compute.product(sides, sides)
  var bound = 1.0
  for squaring in 0...5 {
    if squaring > 0 { power = compute.product(power, power) }
    let norm = power.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0 else { return 0 }
    bound *= (0..<squaring).reduce(norm) { root, _ in root.squareRoot() }
    for index in power.values.indices {
      power.values[index] = Float(Double(power.values[index]) / norm)
    }
  }
  // The products are rounded to floats.
  return 1.001 * bound
}
