/// What a pursuit looks for.
struct Pursuit: Sendable {
  /// How it chooses the next atom.
  enum Rule {
    /// By the product of residual and atom over the atom's length: orthogonal matching pursuit.
    case correlation
    /// By how much the error falls: orthogonal least squares.
    case decrease
  }

  var rule: Rule
  /// The most atoms.
  var k: Int
  /// Whether coefficients may not be negative.
  var isNonnegative: Bool
  /// The squared length of the residual, relative to the row's, at which no atom is added.
  var residual = 0.0
}

/// One row on its way through a pursuit.
struct PursuedRow {
  private(set) var support: GrowingSupport
  /// Whether no atom will be added.
  private(set) var isFinished: Bool
  /// Whether members left, so that the basis is another one.
  private(set) var hasLostMembers = false
  private let pursuit: Pursuit
  private let lengths: [Double]
  private let least: Double
  private var coefficients: [Double] = []
  private var choicesLeft: Int

  /// The squared length of a residual, relative to the row's, that counts as zero.
  private static let zero = 0x1p-40
  /// The cosine of atom and residual below which only rounding tells it from zero.
  private static let rightAngle = 0x1p-28
  /// What separates scores, relative to them.
  private static let rounding = 0x1p-30

  init(_ support: GrowingSupport, by pursuit: Pursuit, on atoms: FixedAtoms) {
    self.support = support
    self.pursuit = pursuit
    lengths = atoms.lengths
    least = max(Self.zero, pursuit.residual) * support.squaredLength
    isFinished = !(support.squaredLength > least)
    choicesLeft = 3 * pursuit.k
  }

  /// Adds the best of the candidates, which ascend and contain the best of all atoms.
  ///
  /// - Returns: The candidates found to be dependent on the support.
  mutating func advance(among candidates: [Int32]) -> [Int] {
    hasLostMembers = false
    var dependent: [Int] = []
    var scores: [(atom: Int, score: Double)] = []
    let before = support.squaredResidual
    let faint = Self.rightAngle * before.squareRoot()
    for atom in candidates.lazy.map(Int.init) where lengths[atom] > 0 {
      let product = support.correlation(with: atom)
      guard (pursuit.isNonnegative ? product : abs(product)) > faint * lengths[atom] else {
        continue
      }
      let score: Double
      switch pursuit.rule {
      case .correlation: score = abs(product) / lengths[atom]
      case .decrease:
        let remainder = support.squaredRemainder(of: atom)
        let squares = lengths[atom] * lengths[atom]
        guard remainder > GrowingSupport.dependence * squares else {
          dependent.append(atom)
          continue
        }
        score = product * product / remainder
      }
      scores.append((atom, score))
    }
    // Scores that differ by rounding are equal: of those the smallest index.
    let greatest = scores.reduce(0) { max($0, $1.score) }
    let best = scores.first { $0.score >= greatest * (1 - Self.rounding) }
    // If the best atom is in the span, so are all others that are not orthogonal to the residual.
    guard let best, support.append(best.atom) else {
      isFinished = true
      return dependent
    }
    if pursuit.isNonnegative { makeNonnegative() }
    let after = support.squaredResidual
    choicesLeft -= 1
    isFinished =
      support.members.count >= pursuit.k || !(after > least) || !(after < before)
      || choicesLeft <= 0
    return dependent
  }

  /// The row's code, as indices and values in the order of choice.
  func entries() -> [(index: Int, value: Float)] {
    zip(support.members, support.coefficients()).map { (index: $0, value: Float($1)) }
  }

  /// Least squares under nonnegative coefficients: the inner loop of Lawson and Hanson 1974, from the
  /// coefficients before and zero for the new member.
  private mutating func makeNonnegative() {
    coefficients.append(0)
    while true {
      let aim = support.coefficients()
      guard aim.contains(where: { $0 <= 0 }) else {
        coefficients = aim
        return
      }
      // As far towards the aim as no coefficient is negative; those that stop it leave.
      var step = 1.0
      for (now, aim) in zip(coefficients, aim) where aim <= 0 {
        step = min(step, now / (now - aim))
      }
      var leaving: [Int] = []
      for place in coefficients.indices {
        let stops =
          aim[place] <= 0
          && !(coefficients[place] / (coefficients[place] - aim[place]) > step)
        coefficients[place] += step * (aim[place] - coefficients[place])
        if stops { leaving.append(place) }
      }
      support.remove(at: leaving)
      for place in leaving.reversed() { coefficients.remove(at: place) }
      hasLostMembers = true
    }
  }
}
