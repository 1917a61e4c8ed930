import SparseCoding

/// The best nonnegative codes with an L1 penalty, to the last digits, by active sets.
///
///     z = argmin |y - sum over j of z_j u_j|² / 2 + lambda sum over j of z_j,   z >= 0
///
/// An atom whose product with the residual exceeds lambda by most enters; least squares on the active atoms, less lambda,
/// follows; where that would leave the nonnegative codes, the step ends at the first zero and its atom leaves.
///
/// - Complexity: O(steps × (atoms × active + active³)) a row, and atoms² × width once.
/// - Source: Lawson and Hanson 1974, Solving Least Squares Problems, chapter 23, with a linear term.
/// - Elsewhere: scikit-learn `Lasso(positive=True)` (coordinate descent to a tolerance).
struct ExactCodes {
  /// The atoms, of length one.
  let atoms: [[Double]]
  let lambda: Double
  private let gram: [Double]

  /// A row's active atoms and their values.
  struct Code: Equatable, Sendable {
    var support: [Int] = []
    var values: [Double] = []
  }

  init(_ atoms: [[Double]], lambda: Double) {
    (self.atoms, self.lambda) = (atoms, lambda)
    gram = atoms.flatMap { atom in atoms.map { dot(atom, $0) } }
  }

  /// The code of a row.
  ///
  /// - Parameter start: Any nonnegative code; one of nearby atoms saves steps.
  func code(of row: [Double], from start: Code = Code()) -> Code {
    var code = start
    let goals = atoms.map { dot($0, row) - lambda }
    let tolerance = 1e-13 * (lambda + dot(row, row).squareRoot())
    refit(&code, goals)
    for _ in 0..<(10 * atoms.count + 100) {
      var (best, next) = (tolerance, -1)
      for atom in atoms.indices where !code.support.contains(atom) {
        var gain = goals[atom]
        for (other, value) in zip(code.support, code.values) {
          gain -= gram[atom * atoms.count + other] * value
        }
        if gain > best { (best, next) = (gain, atom) }
      }
      guard next >= 0 else { break }
      code.support.append(next)
      code.values.append(0)
      let before = code.support.count
      refit(&code, goals)
      // It depends on the others and has left at once.
      if code.support.count < before, !code.support.contains(next) { break }
    }
    return code
  }

  /// Least squares on the active atoms; those whose value would not be positive leave.
  private func refit(_ code: inout Code, _ goals: [Double]) {
    while !code.support.isEmpty {
      let count = code.support.count
      let cosines = code.support.flatMap { row in
        code.support.map { gram[row * atoms.count + $0] }
      }
      guard let factor = CholeskyFactor(of: cosines, order: count) else {
        code.support.removeLast()
        code.values.removeLast()
        continue
      }
      let aim = factor.solution(code.support.map { goals[$0] })
      var step = 1.0
      for (value, aimed) in zip(code.values, aim) where aimed <= 0 {
        step = min(step, value / (value - aimed))
      }
      guard aim.contains(where: { $0 <= 0 }) else {
        code.values = aim
        return
      }
      for place in 0..<count { code.values[place] += step * (aim[place] - code.values[place]) }
      let least = (0..<count).filter { aim[$0] <= 0 }.min { code.values[$0] < code.values[$1] }
      for place in (0..<count).reversed()
      where place == least || (aim[place] <= 0 && code.values[place] <= 0) {
        code.support.remove(at: place)
        code.values.remove(at: place)
      }
    }
  }

  /// `|r|² / 2 + lambda sum of z`, and the residual.
  func cost(of row: [Double], _ code: Code) -> (cost: Double, residual: [Double]) {
    var residual = row
    for (atom, value) in zip(code.support, code.values) {
      for index in residual.indices { residual[index] -= value * atoms[atom][index] }
    }
    return (dot(residual, residual) / 2 + lambda * code.values.reduce(0, +), residual)
  }
}
