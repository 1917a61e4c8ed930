import DictionaryMetrics
import Identifiability
import RunRecords
import SparseCoding

// How optimality structures sparse dictionaries: exact codes and atoms with an L1 penalty.
extension TheoryInstance {
  private var limits: ExactDictionary.Limits {
    ExactDictionary.Limits(rounds: theory.steps ?? 1, fall: 1e-13)
  }

  /// Atoms learned from a beginning, on one thread: instances are side by side.
  private func learned(
    _ rows: Matrix, from start: Matrix, lambda: Double
  ) -> ExactDictionary {
    ExactDictionary(
      of: rows, from: start, lambda: lambda, limits: limits, compute: Compute(threads: 1))
  }

  private func matrix(_ rows: [[Double]]) -> Matrix {
    Matrix(
      rows: rows.count, columns: theory.width, values: rows.flatMap { $0.map(Float.init) })
  }

  private var zeros: [Float] { [Float](repeating: 0, count: theory.width) }

  /// Rows with a part of each feature at a chance, of lengths from a half to one and a half.
  private mutating func sparseRows(_ features: [[Double]], count: Int, chance: Double) -> [[Double]]
  {
    (0..<count).map { _ in
      var row = [Double](repeating: 0, count: theory.width)
      for feature in features where stream.uniform() < chance {
        let value = 0.5 + stream.uniform()
        for index in row.indices { row[index] += value * feature[index] }
      }
      return row
    }
  }

  /// C1 to C4 where a dictionary has been learned to its end.
  mutating func firstOrder() -> TheoryFinding {
    let features = directions(theory.features)
    let rows = matrix(sparseRows(features, count: 100 * theory.features, chance: 0.15))
    let start = features + directions(theory.latents - theory.features)
    let found = learned(rows, from: matrix(start), lambda: 0.15)
    let conditions = FirstOrderConditions(
      rows, found.codes, on: BoundedAtoms(found.atoms), bias: zeros, lambda: 0.15,
      convention: .signed, compute: Compute(threads: 1))
    var finding = TheoryFinding()
    finding.greatest[.codeError] = max(conditions.active.greatest, conditions.silent.greatest)
    finding.greatest[.atomError] = conditions.atoms.greatest
    finding.greatest[.pairError] = conditions.pairs.greatest
    finding.greatest[.residualError] = conditions.residuals.greatest
    return finding
  }

  /// A parent that is always on and a child on two rows of five: the slope at the truth, and what is left at the end.
  mutating func hierarchy() -> TheoryFinding {
    let lambda = 0.001
    let parent = directions(1)[0]
    // Not so near that the slope is lost in rounding.
    var child = parent
    while dot(parent, child) > 0.9 { child = directions(1)[0] }
    let cosine = dot(parent, child)
    let rows = (0..<200).map { row in
      row % 5 < 2 ? zip(parent, child).map { $0 + $1 } : parent
    }
    let costs = [0, 1e-4].map { step in
      let moved = zip(child, parent).map { $0 + step * $1 }
      let length = dot(moved, moved).squareRoot()
      return rows.enumerated().reduce(0.0) { sum, row in
        let isOn = row.offset % 5 < 2
        let (first, second) = (isOn ? 1 - step : 1, isOn ? length : 0)
        var left = row.element
        for index in left.indices {
          left[index] -= first * parent[index] + second * moved[index] / length
        }
        return sum + dot(left, left) / 2 + lambda * (first + second)
      }
    }
    let predicted = -lambda * 80 * (1 - cosine)
    let data = matrix(rows)
    let end = learned(data, from: matrix([parent, child]), lambda: lambda)
    var gap = RayGap(
      BoundedAtoms(end.atoms), bias: zeros, lambda: lambda, convention: .signed)
    gap.add(data, end.codes, rows: ArraySlice(0..<200), on: Compute(threads: 1))
    var finding = TheoryFinding()
    finding.values[.slopeRatio] = (costs[1] - costs[0]) / 1e-4 / predicted
    finding.greatest[.rayGap] = gap.high
    return finding
  }

  /// Dictionaries of half as many atoms as rays, as many, twice as many and so on: what a larger one could save.
  mutating func splitting(isOnRays: Bool) -> TheoryFinding {
    let lambda = 0.1
    let count = 40 * theory.features
    let rays = directions(isOnRays ? theory.features : count)
    let rows = (0..<count).map { row in
      let length = 0.5 + stream.uniform()
      return rays[row % rays.count].map { length * $0 }
    }
    let data = matrix(rows)
    var (sizes, gaps, residuals, used): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var size = theory.features / 2
    while size <= theory.latents {
      let start = stream.permutation(count: count).prefix(size).map { rows[$0] }
      let found = learned(data, from: matrix(Array(start)), lambda: lambda)
      var gap = RayGap(
        BoundedAtoms(found.atoms), bias: zeros, lambda: lambda, convention: .signed)
      gap.add(data, found.codes, rows: ArraySlice(0..<count), on: Compute(threads: 1))
      sizes.append(Double(size))
      gaps.append(gap.high)
      residuals.append((gap.longest?.length ?? 0) / lambda)
      used.append(Double(different(found)))
      size *= 2
    }
    let last = sizes.count - 1
    var finding = TheoryFinding()
    finding.values[.rayGapAtRays] = gaps[1]
    finding.values[.rayGap] = gaps[last]
    finding.values[.longestResidual] = residuals[last]
    finding.values[.childrenPerParent] = used[last] / used[0]
    finding.values[.childrenGrowth] = used[last] / used[last - 1]
    if !isOnRays {
      finding.values[.gapFall] = Elementary.log(gaps[last] / gaps[last - 1]) / Elementary.log(2)
    }
    finding.curve = TheoryRecord.Curve(
      x: "atoms over rays", y: "cost beside the least, residual over the penalty less 1",
      lines: [
        .init(name: "cost", x: sizes.map { $0 / Double(theory.features) }, y: gaps),
        .init(
          name: "longest residual", x: sizes.map { $0 / Double(theory.features) },
          y: residuals.map { $0 - 1 }),
      ])
    return finding
  }

  /// The atoms in use that are not one with another, up to rounding.
  private func different(_ found: ExactDictionary) -> Int {
    let atoms = BoundedAtoms(found.atoms)
    return Set(found.codes.indices).sorted().reduce(into: [Int]()) { kept, atom in
      if kept.allSatisfy({ atoms.cosine($0, Int(atom)) < 1 - 1e-6 }) { kept.append(Int(atom)) }
    }.count
  }

  /// Sparse features beside one that is on in every row with either sign: the two atoms that code it.
  mutating func densePair() -> TheoryFinding {
    let lambda = 0.05
    let axes = basis()
    let features = Array(directions(theory.features))
    var rows = sparseRows(features, count: 60 * theory.latents, chance: 0.15)
    var signs = RandomStream(seed: UInt64(stream.index(below: 1 << 30)), name: "theory/dense")
    for row in rows.indices {
      let value = 1.5 * signs.gaussian()
      for index in 0..<theory.width { rows[row][index] += value * axes[0][index] }
    }
    let data = matrix(rows)
    // The best of six beginnings.
    let found = (0..<6).map { _ in
      learned(data, from: matrix(directions(theory.latents)), lambda: lambda)
    }.min { $0.cost < $1.cost }
    var finding = TheoryFinding()
    guard let found else { return finding }
    let atoms = BoundedAtoms(found.atoms)
    var pair = (first: 0, second: 1, cosine: 1.0)
    for first in 0..<atoms.count {
      for second in 0..<first where atoms.cosine(first, second) < pair.cosine {
        pair = (first, second, atoms.cosine(first, second))
      }
    }
    var (both, either) = (0, 0)
    for row in 0..<found.codes.rows {
      let active = found.codes.indices[found.codes.entries(ofRow: row)]
      let on = [pair.first, pair.second].count { active.contains(Int32($0)) }
      if on == 2 { both += 1 }
      if on > 0 { either += 1 }
    }
    finding.values[.pairCosine] = pair.cosine
    finding.values[.coActivity] = Double(both) / Double(found.codes.rows)
    finding.values[.pairDensity] = Double(either) / Double(found.codes.rows)
    finding.count(.exists, pair.cosine < -0.99)
    return finding
  }
}
