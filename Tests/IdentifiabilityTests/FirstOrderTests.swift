import DictionaryMetrics
import SparseCoding
import Testing

@testable import Identifiability

/// Conditions of an optimum with an L1 penalty, on dictionaries that are at one and on such that are not.
struct FirstOrderTests {
  private let compute = Compute(threads: 2)

  /// Nonnegative sums of a few random atoms.
  private func planted(atoms count: Int, width: Int, rows: Int) -> (atoms: Matrix, rows: Matrix) {
    var stream = RandomStream(seed: 3, name: "planted")
    var atoms = Matrix(
      rows: count, columns: width, values: stream.gaussians(count: count * width))
    normalizeRows(of: &atoms)
    var data = Matrix(rows: rows, columns: width)
    for row in 0..<rows {
      for atom in 0..<count where stream.uniform() < 0.15 {
        let value = Float(0.5 + stream.uniform())
        for index in 0..<width { data[row, index] += value * atoms[atom, index] }
      }
    }
    return (atoms, data)
  }

  private func normalizeRows(of atoms: inout Matrix) {
    let rows = (0..<atoms.rows).map { unit(atoms.row($0).map(Double.init)) }
    atoms.values = rows.flatMap { $0.map(Float.init) }
  }

  private func conditions(
    _ rows: Matrix, _ codes: SparseCodes, _ atoms: Matrix, _ lambda: Double
  ) -> FirstOrderConditions {
    FirstOrderConditions(
      rows, codes, on: BoundedAtoms(atoms), bias: [Float](repeating: 0, count: rows.columns),
      lambda: lambda, convention: .signed, compute: compute)
  }

  /// The four identities to 1e-5 where codes and atoms are exact, with the shape that the specification was checked on.
  @Test func identitiesHoldAtAnExactOptimum() {
    let (atoms, rows) = planted(atoms: 12, width: 8, rows: 1500)
    let learned = ExactDictionary(
      of: rows, from: atoms, lambda: 0.15, limits: .init(rounds: 3000, fall: 1e-14),
      compute: compute)
    let found = conditions(rows, learned.codes, learned.atoms, 0.15)
    #expect(found.active.greatest < 1e-5 && found.active.count > 1500)
    #expect(found.silent.greatest < 1e-5 && found.missed == 0)
    #expect(found.atoms.greatest < 1e-5 && found.atoms.count == learned.used)
    #expect(found.pairs.greatest < 1e-5 && found.pairs.count > 50)
    #expect(found.residuals.greatest < 1e-5)
    #expect(found.bias.greatest < 1e-5 && found.holds(to: 1e-5))
    #expect(found.fixedByActiveSet > 0.1 && found.fixedByActiveSet <= 1 + 1e-9)
  }

  /// What is not at the optimum is seen, by the condition that it breaks.
  @Test func whatIsOffIsSeen() {
    let (atoms, rows) = planted(atoms: 12, width: 8, rows: 400)
    let learned = ExactDictionary(
      of: rows, from: atoms, lambda: 0.15, limits: .init(rounds: 2000, fall: 1e-14),
      compute: compute)
    // Codes a little too large: the codes' condition.
    var larger = learned.codes
    for entry in larger.values.indices { larger.values[entry] *= 1.05 }
    #expect(conditions(rows, larger, learned.atoms, 0.15).active.greatest > 0.01)
    // One latent left out of a row: it is missed.
    var without = SparseCodes(latents: 12, offsets: [0], indices: [], values: [])
    for row in 0..<rows.rows {
      for entry in learned.codes.entries(ofRow: row).dropFirst(row == 0 ? 1 : 0) {
        without.indices.append(learned.codes.indices[entry])
        without.values.append(learned.codes.values[entry])
      }
      without.offsets.append(without.indices.count)
    }
    #expect(conditions(rows, without, learned.atoms, 0.15).silent.greatest > 0.01)
    // The planted atoms themselves with their best codes: the atoms' condition alone.
    let exact = ExactCodes(
      (0..<12).map { unit(atoms.row($0).map(Double.init)) }, lambda: 0.15)
    var codes = SparseCodes(latents: 12, offsets: [0], indices: [], values: [])
    for row in 0..<rows.rows {
      let code = exact.code(of: rows.row(row).map(Double.init))
      for (atom, value) in zip(code.support, code.values).sorted(by: { $0.0 < $1.0 }) {
        codes.indices.append(Int32(atom))
        codes.values.append(Float(value))
      }
      codes.offsets.append(codes.indices.count)
    }
    let found = conditions(rows, codes, atoms, 0.15)
    #expect(found.active.greatest < 1e-5 && found.silent.greatest < 1e-5)
    #expect(found.atoms.greatest > 0.01 && !found.holds(to: 0.01))
    // With another penalty they are not even best codes.
    #expect(conditions(rows, codes, atoms, 0.3).active.mean < -0.4)
  }

  /// The best code is no worse than any other, and what proves it holds.
  @Test func exactCodesAreOptimal() {
    let (atoms, rows) = planted(atoms: 20, width: 8, rows: 60)
    let exact = ExactCodes((0..<20).map { unit(atoms.row($0).map(Double.init)) }, lambda: 0.1)
    let slow = FixedAtoms(atoms, bias: [Float](repeating: 0, count: 8), on: compute).codes(
      of: rows,
      by: .fista(l1: 0.1, isNonnegative: true, tolerance: 1e-7, iterations: 20_000))
    for row in 0..<rows.rows {
      let values = rows.row(row).map(Double.init)
      let code = exact.code(of: values)
      let (cost, residual) = exact.cost(of: values, code)
      #expect(code.values.allSatisfy { $0 > 0 })
      for (atom, direction) in exact.atoms.enumerated() {
        let pull = dot(direction, residual)
        #expect(
          code.support.contains(atom) ? abs(pull - 0.1) < 1e-11 : pull < 0.1 + 1e-11)
      }
      let entries = slow.entries(ofRow: row)
      let other = exact.cost(
        of: values,
        .init(
          support: entries.map { Int(slow.indices[$0]) },
          values: entries.map { Double(slow.values[$0]) }))
      #expect(cost <= other.cost + 1e-9 && cost > other.cost * (1 - 1e-4) - 1e-7)
      // From another's code it comes to the same.
      let again = exact.code(of: values, from: exact.code(of: rows.row(0).map(Double.init)))
      #expect(abs(exact.cost(of: values, again).cost - cost) < 1e-12)
    }
  }

  /// A parent and a child cannot both stay: the child takes the parent in, at the slope that the theorem says.
  @Test func aHierarchyIsNoOptimum() throws {
    // The parent is always on, the child on 40 % of rows, 1.2 radians apart.
    let (lambda, angle) = (0.001, 1.2)
    let (cosine, sine) = (0.362_357_754_476_673_6, 0.932_039_085_967_226_3)
    #expect(abs(cosine * cosine + sine * sine - 1) < 1e-12 && angle > 1)
    var rows = Matrix(rows: 1000, columns: 2)
    for row in 0..<1000 {
      rows[row, 0] = 1 + (row % 5 < 2 ? Float(cosine) : 0)
      rows[row, 1] = row % 5 < 2 ? Float(sine) : 0
    }
    let cost = { (child: [Double], parent: Double, value: Double) -> Double in
      // Codes: the parent alone, and with the child.
      let data = (0..<1000).map { rows.row($0).map(Double.init) }
      let exact = ExactCodes([[1, 0], child], lambda: lambda)
      return data.enumerated().reduce(0) { sum, row in
        let code =
          row.offset % 5 < 2
          ? ExactCodes.Code(support: [0, 1], values: [parent, value])
          : ExactCodes.Code(support: [0], values: [1])
        return sum + exact.cost(of: row.element, code).cost
      } / 1000
    }
    let step = 1e-4
    let moved = [cosine + step, sine]
    let length = dot(moved, moved).squareRoot()
    let slope = (cost(unit(moved), 1 - step, length) - cost([cosine, sine], 1, 1)) / step
    let predicted = -lambda * (1 - cosine) * 0.4
    #expect(abs(slope / predicted - 1) < 2e-3)
    // The end: the parent alone and the bisector, whose cost no dictionary is below.
    let learned = ExactDictionary(
      of: rows, from: Matrix(rows: 2, columns: 2, values: [1, 0, Float(cosine), Float(sine)]),
      lambda: lambda, limits: .init(rounds: 2000, fall: 1e-15), compute: compute)
    var gap = RayGap(
      BoundedAtoms(learned.atoms), bias: [0, 0], lambda: lambda, convention: .signed)
    gap.add(rows, learned.codes, rows: ArraySlice(0..<1000), on: compute)
    #expect(gap.high < 1e-6 && learned.cost / 1000 < cost([cosine, sine], 1, 1))
    let half = (0.5 * (1 + cosine)).squareRoot()
    #expect(abs(abs(Double(learned.atoms[1, 0])) - half) < 1e-5)
  }

  /// The bound by rays is below every dictionary's cost, and reached where every ray has an atom.
  @Test func theRayBoundIsBelowEveryCost() {
    var stream = RandomStream(seed: 9, name: "rays")
    for trial in 0..<40 {
      let (width, count) = (2 + trial % 5, 1 + trial % 7)
      var rays = Matrix(
        rows: 6, columns: width, values: stream.gaussians(count: 6 * width))
      normalizeRows(of: &rays)
      var rows = Matrix(rows: 60, columns: width)
      for row in 0..<60 {
        let length = Float(0.05 + stream.uniform())
        for index in 0..<width { rows[row, index] = length * rays[row % 6, index] }
      }
      let lambda = 0.02 + 0.2 * stream.uniform()
      let start = Matrix(
        rows: count, columns: width, values: stream.gaussians(count: count * width))
      let learned = ExactDictionary(
        of: rows, from: start, lambda: lambda, limits: .init(rounds: 60, fall: 1e-9),
        compute: compute)
      let ray = (0..<60).reduce(0.0) { sum, row in
        let length = dot(rows.row(row).map(Double.init), rows.row(row).map(Double.init))
          .squareRoot()
        return sum + (length > lambda ? lambda * length - lambda * lambda / 2 : length * length / 2)
      }
      #expect(learned.cost >= ray * (1 - 1e-9))
      var gap = RayGap(
        BoundedAtoms(learned.atoms), bias: [Float](repeating: 0, count: width), lambda: lambda,
        convention: .signed)
      gap.add(rows, learned.codes, rows: ArraySlice(0..<60), on: compute)
      let exact = learned.cost / ray - 1
      #expect(gap.rows == 60 && gap.low <= exact + 1e-9 && gap.high >= exact - 1e-9)
      #expect(gap.high - gap.low < 1e-3 * (1 + exact), "codes are exact: the bounds are near")
      // With an atom along every ray nothing is left to save, and splitting has stopped.
      let all = ExactDictionary(of: rows, from: rays, lambda: lambda, compute: compute)
      #expect(abs(all.cost / ray - 1) < 1e-6)
      var none = RayGap(
        BoundedAtoms(all.atoms), bias: [Float](repeating: 0, count: width), lambda: lambda,
        convention: .signed)
      none.add(rows, all.codes, rows: ArraySlice(0..<60), on: compute)
      #expect(none.beyond == 0 && none.high < 1e-6)
    }
  }

  /// Bad codes do not make a dictionary look worse than it is, only the bounds wider.
  @Test func badCodesWidenTheGap() {
    let (atoms, rows) = planted(atoms: 12, width: 8, rows: 200)
    let learned = ExactDictionary(of: rows, from: atoms, lambda: 0.1, compute: compute)
    var worse = learned.codes
    for entry in worse.values.indices { worse.values[entry] *= 0.7 }
    let gaps = [learned.codes, worse].map { codes in
      var gap = RayGap(
        BoundedAtoms(learned.atoms), bias: [Float](repeating: 0, count: 8), lambda: 0.1,
        convention: .signed)
      gap.add(rows, codes, rows: ArraySlice(0..<200), on: compute)
      return gap
    }
    #expect(gaps[1].low <= gaps[0].high && gaps[1].high > gaps[0].high + 0.05)
    #expect(gaps[1].low < gaps[0].low)
  }
}
