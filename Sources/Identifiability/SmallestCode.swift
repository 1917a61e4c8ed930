import DictionaryMetrics
import SparseCoding

/// The code with the smallest sum of magnitudes that reconstructs a row: basis pursuit, by homotopy.
///
///     minimize sum over j of |c_j|   where   sum over j of c_j u_j = y   (and c >= 0 where codes are nonnegative)
///
/// The lasso's solution is followed from the penalty at which it is zero down to zero: it is linear between the events
/// at which an atom enters (its product with the residual reaches the penalty) or leaves (its coefficient reaches zero).
/// In exact arithmetic the end is an optimum, and the last direction is the vector that proves it. Nothing here is
/// rounded outwards: what follows from it is for `CodeCertificates` to prove.
///
/// - Complexity: O(events × (atoms × width + active²)), in `Double`; active atoms that leave cost active³.
/// - Source: Osborne, Presnell and Turlach 2000; Efron, Hastie, Johnstone and Tibshirani 2004, section 3.1.
struct SmallestCode {
  /// The active atoms in the order in which they came, and their signs.
  private(set) var support: [Int] = []
  private(set) var signs: [Double] = []
  /// Their coefficients, of atoms at length one.
  private(set) var values: [Double] = []

  private let bounded: BoundedAtoms
  private let isSigned: Bool
  private var factor = GrowingFactor()
  private var isActive: [Bool]

  /// The code of a row; nil where the homotopy does not come to its end in so many events.
  init?(
    of row: [Double], on bounded: BoundedAtoms, convention: CosineConvention, events: Int
  ) {
    self.bounded = bounded
    isSigned = convention == .absolute
    isActive = [Bool](repeating: false, count: bounded.count)
    var products = (0..<bounded.count).map { bounded.product($0, row) }
    let sizes = isSigned ? products.map(abs) : products
    guard var penalty = sizes.max(), penalty > 0, let first = sizes.firstIndex(of: penalty),
      enter(first, products[first] < 0 ? -1 : 1)
    else { return nil }
    // The atom that has just left may not come back by rounding.
    var left: Int?
    for _ in 0..<events {
      let weights = factor.solution(signs)
      let direction = bounded.sum(support, weights)
      let slopes = (0..<bounded.count).map { bounded.product($0, direction) }
      // Once the atoms span the row, all products go to zero together: only what comes clearly before that is an event.
      var step = penalty * (1 - 1e-9)
      var event = Event.end
      for atom in 0..<bounded.count where !isActive[atom] && atom != left {
        for sign in isSigned ? [1.0, -1] : [1] {
          // product - step · slope reaches sign · (penalty - step).
          let closing = 1 - sign * slopes[atom]
          guard closing > 1e-12 else { continue }
          let reach = max(0, (penalty - sign * products[atom]) / closing)
          if reach < step { (step, event) = (reach, .enter(atom, sign)) }
        }
      }
      for place in support.indices where weights[place] * signs[place] < 0 {
        let reach = -values[place] / weights[place]
        if reach >= 0, reach < step { (step, event) = (reach, .leave(place)) }
      }
      if case .end = event { step = penalty }
      for place in values.indices { values[place] += step * weights[place] }
      for atom in products.indices { products[atom] -= step * slopes[atom] }
      penalty -= step
      left = nil
      switch event {
      case .end:
        // Only what was found is kept.
        (factor, isActive) = (GrowingFactor(), [])
        return
      case .enter(let atom, let sign):
        guard enter(atom, sign) else { return nil }
      case .leave(let place):
        left = support[place]
        guard leave(place) else { return nil }
      }
    }
    return nil
  }

  private enum Event {
    case end
    case enter(Int, Double)
    case leave(Int)
  }

  private mutating func enter(_ atom: Int, _ sign: Double) -> Bool {
    guard support.count < bounded.width,
      factor.append(support.map { bounded.cosine(atom, $0) })
    else { return false }
    support.append(atom)
    signs.append(sign)
    values.append(0)
    isActive[atom] = true
    return true
  }

  private mutating func leave(_ place: Int) -> Bool {
    isActive[support[place]] = false
    support.remove(at: place)
    signs.remove(at: place)
    values.remove(at: place)
    return factor.remove(place)
  }
}

/// A Cholesky factor of cosines that grows a row at a time.
private struct GrowingFactor {
  private var cosines: [[Double]] = []
  private var rows: [[Double]] = []

  /// Adds an atom by its cosines with those that are there; false where it depends on them.
  mutating func append(_ added: [Double]) -> Bool {
    var row: [Double] = []
    row.reserveCapacity(added.count + 1)
    for column in rows.indices {
      var rest = added[column]
      for index in 0..<column { rest -= row[index] * rows[column][index] }
      row.append(rest / rows[column][column])
    }
    let rest = 1 - dot(row, row)
    guard rest > 1e-10 else { return false }
    rows.append(row + [rest.squareRoot()])
    cosines.append(added)
    return true
  }

  /// Removes an atom; false where the others are no longer told from dependent ones.
  mutating func remove(_ place: Int) -> Bool {
    cosines.remove(at: place)
    for later in place..<cosines.count { cosines[later].remove(at: place) }
    rows.removeLast(rows.count - place)
    // What is before it stays; what comes after it is factored again.
    let rest = Array(cosines[place...])
    cosines.removeLast(rest.count)
    return rest.allSatisfy { append($0) }
  }

  func solution(_ goal: [Double]) -> [Double] {
    var values = goal
    for row in rows.indices {
      for index in 0..<row { values[row] -= rows[row][index] * values[index] }
      values[row] /= rows[row][row]
    }
    for row in rows.indices.reversed() {
      values[row] /= rows[row][row]
      for index in 0..<row { values[index] -= rows[row][index] * values[row] }
    }
    return values
  }
}

extension BoundedAtoms {
  /// The product of an atom at length one with a vector.
  func product(_ atom: Int, _ vector: [Double]) -> Double {
    atoms.row(atom).withUnsafeBufferPointer { row in
      vector.withUnsafeBufferPointer { vector in
        var (first, second) = (SIMD8<Double>(), SIMD8<Double>())
        let whole = row.count / 16 * 16
        let values = UnsafeRawBufferPointer(vector)
        for index in stride(from: 0, to: whole, by: 16) {
          let (near, far) = (8 * index, 8 * index + 64)
          first +=
            SIMD8<Double>(row.vector(index))
            * values.loadUnaligned(fromByteOffset: near, as: SIMD8<Double>.self)
          second +=
            SIMD8<Double>(row.vector(index + 8))
            * values.loadUnaligned(fromByteOffset: far, as: SIMD8<Double>.self)
        }
        var sum = (first + second).sum()
        for index in whole..<row.count { sum += Double(row[index]) * vector[index] }
        return sum / lengths[atom]
      }
    }
  }

  /// The sum of atoms at length one with weights.
  func sum(_ support: [Int], _ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: width)
    for (atom, weight) in zip(support, weights) {
      let scale = weight / lengths[atom]
      for (index, value) in atoms.row(atom).enumerated() { sum[index] += scale * Double(value) }
    }
    return sum
  }
}
