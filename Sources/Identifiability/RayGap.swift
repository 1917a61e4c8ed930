public import DictionaryMetrics
public import SparseCoding

/// What a dictionary of any size could save at most, of the cost of codes with an L1 penalty.
///
///     cost(D) = sum over rows of min over z of |y - D z|² / 2 + lambda sum over j of |d_j| |z_j|,   y = x - b
///     ray     = sum over rows of (lambda |y| - lambda² / 2 where |y| > lambda, else |y|² / 2)
///
/// `ray` is the least cost of all dictionaries: one atom along every row. The gap `cost(D) / ray - 1` lies between
/// `low` and `high`, with rounding included and whatever made the codes: any code's cost is at least the best one's, and
/// with `v = s r`, `|u_j · v| <= lambda` for all atoms at length one, every code costs at least `v · y - |v|² / 2`.
///
/// An atom along a residual longer than lambda would lower the cost of its row by `(|r| - lambda)² / 2`.
///
/// - Complexity: O(rows × width × atoms) in floats, O(rows × k × width) in doubles.
/// - Source: "How optimality structures sparse dictionaries", the large-dictionary problem; the dual: Osborne, Presnell
///   and Turlach 2000.
public struct RayGap: Sendable {
  /// The weight of the penalty.
  public let lambda: Double
  /// The rows added.
  public private(set) var rows = 0
  /// The rows whose residual is longer than lambda, by more than rounding.
  public private(set) var beyond = 0
  /// The row with the longest residual, and its length.
  public private(set) var longest: (row: Int, length: Double)?
  /// The row whose best code costs most beside an atom of its own, and by how much at least.
  public private(set) var costliest: (row: Int, excess: Double)?
  private var ray = 0.0
  private var (least, most) = (0.0, 0.0)
  private let bounded: BoundedAtoms
  private let bias: [Float]
  private let isSigned: Bool

  /// No rows yet.
  ///
  /// - Parameter bias: The output's bias, `[width]`.
  /// - Precondition: `lambda` is positive.
  public init(
    _ atoms: BoundedAtoms, bias: [Float], lambda: Double, convention: CosineConvention
  ) {
    precondition(lambda > 0 && bias.count == atoms.width, "a penalty of \(lambda)")
    (bounded, self.bias, self.lambda) = (atoms, bias, lambda)
    isSigned = convention == .absolute
  }

  /// The gap of the best codes is at least this.
  public var low: Double { max(0, (least / ray).nextDown / Self.slack - 1) }
  /// The gap of the codes, and so of the best ones, is at most this.
  public var high: Double { (most / ray).nextUp * Self.slack - 1 }

  /// What sums of doubles over so many rows and dimensions are off by at most, relative to them.
  private static let slack = 1 + 1e-9

  /// Adds rows and their codes.
  public mutating func add(
    _ part: Matrix, _ codes: SparseCodes, rows numbers: ArraySlice<Int>, on compute: Compute
  ) {
    precondition(part.rows == codes.rows && numbers.count == part.rows, "codes of other rows")
    // A block of products stays within some megabytes.
    let block = max(1, min(1024, (1 << 22) / max(bounded.count, 1)))
    for start in stride(from: 0, to: part.rows, by: block) {
      let block = start..<min(start + block, part.rows)
      let residuals = CodeResiduals(part, codes, rows: block, bounded, bias: bias, on: compute)
      let pulls = residuals.greatestPulls(on: bounded, isSigned: isSigned, compute: compute)
      for (place, row) in block.enumerated() {
        add(residuals, place, pull: pulls[place], row: numbers[numbers.startIndex + row])
      }
    }
  }

  private mutating func add(_ residuals: CodeResiduals, _ place: Int, pull: Double, row: Int) {
    let (y, r) = (residuals.goals[place], residuals.residuals[place])
    let length = dot(y, y).squareRoot()
    let squared = dot(r, r)
    let product = dot(r, y)
    let alone =
      length > lambda ? lambda * length - lambda * lambda / 2 : length * length / 2
    ray += alone
    // The residual is off by some roundings of the row.
    let error = 1e-12 * length * length
    most += squared / 2 + lambda * residuals.sizes[place] + error
    let scale = max(0, min(pull > 0 ? lambda / pull : 1, squared > 0 ? product / squared : 0))
    let best = max(0, scale * product - scale * scale * squared / 2 - error)
    least += best
    if best - alone > costliest?.excess ?? 0 { costliest = (row, best - alone) }
    rows += 1
    let left = squared.squareRoot()
    if left > lambda * (1 + 1e-6) + 1e-6 * length { beyond += 1 }
    if left > longest?.length ?? -1 { longest = (row, left) }
  }

  /// The least cost that any dictionary has with its best bias, over that with a given one, by iterated weights.
  ///
  /// - Returns: At most 1; the share is that of these rows.
  /// - Complexity: O(100 × rows × width).
  /// - Source: Huber 1981, Robust Statistics, section 7.8.
  public static func shareWithBestBias(of rows: Matrix, bias: [Float], lambda: Double) -> Double {
    var center = bias.map(Double.init)
    var (first, last) = (0.0, Double.infinity)
    for round in 0..<100 {
      var (cost, weights) = (0.0, 0.0)
      var sum = [Double](repeating: 0, count: center.count)
      for row in 0..<rows.rows {
        let values = rows.row(row)
        var square = 0.0
        for (index, value) in values.enumerated() {
          square += (Double(value) - center[index]) * (Double(value) - center[index])
        }
        let length = square.squareRoot()
        cost += length > lambda ? lambda * length - lambda * lambda / 2 : square / 2
        let weight = length > lambda ? lambda / length : 1
        weights += weight
        for (index, value) in values.enumerated() { sum[index] += weight * Double(value) }
      }
      if round == 0 { first = cost }
      guard cost < last * (1 - 1e-9) else { break }
      last = cost
      center = sum.map { $0 / weights }
    }
    return first > 0 ? min(1, last / first) : 1
  }
}
