import DictionaryMetrics
import SparseCoding
import Testing

@testable import Identifiability

/// Turns of two atoms against what the error then does.
struct PairTurnsTests {
  private let compute = Compute(threads: 2)

  private struct Problem {
    var atoms: Matrix
    var codes: SparseCodes
    var residuals: Matrix

    func moments(_ compute: Compute) -> ResidualMoments {
      var moments = ResidualMoments(
        latents: atoms.rows, width: atoms.columns, rows: residuals.rows)
      moments.add(codes, residuals, on: compute)
      return moments
    }

    /// The share of the error that blocks of one parity have.
    func share(isOdd: Bool) -> Double {
      let run = max(1, min(64, residuals.rows / 64))
      let energies = (0..<residuals.rows).map { row in
        (isOdd: row / run % 8 % 2 == 1, residuals.row(row).reduce(0) { $0 + Double($1 * $1) })
      }
      let own = energies.filter { $0.isOdd == isOdd }.reduce(0) { $0 + $1.1 }
      return own / energies.reduce(0) { $0 + $1.1 }
    }

    /// The error of rows whose atoms became others, as a share of what it was, on blocks of one parity.
    func error(with turned: [[Double]], isOdd: Bool) -> Double {
      let run = max(1, min(64, residuals.rows / 64))
      var (after, before) = (0.0, 0.0)
      for row in 0..<residuals.rows where (row / run % 8 % 2 == 1) == isOdd {
        var left = residuals.row(row).map(Double.init)
        before += left.reduce(0) { $0 + $1 * $1 }
        for entry in codes.entries(ofRow: row) {
          let atom = Int(codes.indices[entry])
          for index in left.indices {
            left[index] +=
              Double(codes.values[entry]) * (Double(atoms[atom, index]) - turned[atom][index])
          }
        }
        after += left.reduce(0) { $0 + $1 * $1 }
      }
      return after / before
    }
  }

  /// Random codes on random atoms; residuals of noise, and of what some atoms should have been.
  private func problem(seed: UInt64, rows: Int, pull: Float) -> Problem {
    let (count, width) = (12, 10)
    var stream = RandomStream(seed: seed, name: "turns")
    var gaussians = RandomStream(seed: seed, name: "turns/noise")
    let atoms = Matrix(
      rows: count, columns: width, values: gaussians.gaussians(count: count * width))
    var codes = SparseCodes(latents: count, offsets: [0], indices: [], values: [])
    var residuals = Matrix(
      rows: rows, columns: width, values: gaussians.gaussians(count: rows * width))
    for row in 0..<rows {
      for atom in 0..<count where stream.uniform() < 0.3 {
        let value = Float(stream.uniform() - 0.3)
        codes.indices.append(Int32(atom))
        codes.values.append(value)
        // Atom 3 should be nearer to 7.
        guard atom == 3 else { continue }
        for index in 0..<width { residuals[row, index] += pull * value * atoms[7, index] }
      }
      codes.offsets.append(codes.indices.count)
    }
    return Problem(atoms: atoms, codes: codes, residuals: residuals)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func slopesAreThoseOfTheError(_ seed: UInt64) throws {
    let problem = problem(seed: seed, rows: 1024, pull: 2)
    let turns = PairTurns(
      problem.moments(compute), atoms: BoundedAtoms(problem.atoms), convention: .signed,
      on: compute)
    #expect(turns.found.count == 3)
    let vectors = (0..<12).map { problem.atoms.row($0).map(Double.init) }
    for turn in turns.found {
      let (a, b) = (turn.atoms[0], turn.atoms[1])
      let (u, v) = (unit(vectors[a]), unit(vectors[b]))
      let cosine = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
      let towards = unit(zip(u, v).map { $1 - cosine * $0 })
      let back = unit(zip(u, v).map { $0 - cosine * $1 })
      func turned(_ first: Double, _ second: Double) -> [[Double]] {
        var all = vectors
        all[a] = zip(vectors[a], towards).map { $0 + first * length(vectors[a]) * $1 }
        all[b] = zip(vectors[b], back).map { $0 + second * length(vectors[b]) * $1 }
        return all
      }
      func slope(_ ways: (Double, Double), isOdd: Bool) -> Double {
        let e = 1e-5
        return
          (problem.error(with: turned(-e * ways.0, -e * ways.1), isOdd: isOdd)
          - problem.error(with: turned(e * ways.0, e * ways.1), isOdd: isOdd)) / (2 * e)
      }
      let ways: [(Double, Double)] =
        turn.kind == .merge ? [(1, 1)] : turn.kind == .split ? [(-1, -1)] : [(1, -1), (-1, 1)]
      // Which way round is what the other half of the rows says.
      let way = try #require(
        ways.max { slope($0, isOdd: false) < slope($1, isOdd: false) })
      #expect(abs(slope(way, isOdd: true) - turn.slope) < 1e-4 * abs(turn.slope) + 1e-6, "\(turn)")
      let both =
        (slope(way, isOdd: true) * problem.share(isOdd: true)
          + slope(way, isOdd: false) * problem.share(isOdd: false))
      #expect(both <= turns.bound * (1 + 1e-6) && turns.bound <= turns.boundHigh)
    }
    #expect(turns.found[0].atoms.contains(3) && turns.found[0].low > 0)
  }

  /// No pair is better than chance where residuals know nothing of codes: few intervals lie above zero.
  @Test func chanceIsNoTurn() {
    let above = (0..<60).reduce(0) { sum, seed in
      let problem = problem(seed: 100 + UInt64(seed), rows: 512, pull: 0)
      let turns = PairTurns(
        problem.moments(compute), atoms: BoundedAtoms(problem.atoms), convention: .signed,
        on: compute)
      return sum + turns.found.count { $0.low > 0 }
    }
    // One in forty of 180; 15 and more have a chance of 2e-4.
    #expect(above < 15)
  }

  /// Two atoms that lean towards each other by a known slope: the bound is as often below it as above, its upper end hardly
  /// ever.
  @Test func theUpperEndOfTheBoundIsSeldomBelowTheTruth() {
    var atoms = Matrix(rows: 6, columns: 12)
    for index in 0..<6 { atoms[index, index] = 1 }
    let (count, lean): (Int, Float) = (4000, 0.34)
    // A sixth of the rows has each latent; noise of 12/16 in all.
    let truth = 4 * Double(lean) / 6 / (0.75 + Double(lean * lean) / 3)
    var (below, highBelow) = (0, 0)
    for seed in 0..<40 as Range<UInt64> {
      var gaussians = RandomStream(seed: seed, name: "noise")
      var codes = SparseCodes(latents: 6, offsets: [0], indices: [], values: [])
      var residuals = Matrix(
        rows: count, columns: 12, values: gaussians.gaussians(count: count * 12).map { $0 / 4 })
      for row in 0..<count {
        let latent = row % 6
        codes.indices.append(Int32(latent))
        codes.values.append(1)
        codes.offsets.append(row + 1)
        if latent < 2 { residuals[row, 1 - latent] += lean }
      }
      let problem = Problem(atoms: atoms, codes: codes, residuals: residuals)
      let turns = PairTurns(
        problem.moments(compute), atoms: BoundedAtoms(atoms), convention: .signed, on: compute)
      if turns.bound < truth { below += 1 }
      if turns.boundHigh < truth { highBelow += 1 }
    }
    #expect(below > 4, "the test could not fail")
    // 2.5 % would be one of 40; five and more have a chance of 0.003.
    #expect(highBelow < 5, "\(highBelow)")
  }

  /// A signed atom and its opposite are one model: turning towards its line is the same for both.
  @Test func ofSignedCodesTheSignOfAnAtomIsNothing() {
    let problem = problem(seed: 4, rows: 1024, pull: 2)
    var flipped = problem
    for index in 0..<10 { flipped.atoms[3, index] *= -1 }
    for entry in flipped.codes.indices.indices where flipped.codes.indices[entry] == 3 {
      flipped.codes.values[entry] *= -1
    }
    let found = [problem, flipped].map {
      PairTurns(
        $0.moments(compute), atoms: BoundedAtoms($0.atoms), convention: .absolute, on: compute
      ).found
    }
    #expect(found[0].map(\.kind) == found[1].map(\.kind))
    #expect(found[0].map(\.atoms) == found[1].map(\.atoms))
    #expect(zip(found[0], found[1]).allSatisfy { abs($0.slope - $1.slope) < 1e-9 })
  }

  /// One row has no other half to be measured on.
  @Test func ofOneRowThereIsNoTurn() {
    let problem = problem(seed: 3, rows: 1, pull: 1)
    let turns = PairTurns(
      problem.moments(compute), atoms: BoundedAtoms(problem.atoms), convention: .signed,
      on: compute)
    #expect(turns.found.isEmpty && turns.bound.isFinite)
  }

  @Test func whatLeavesNothingHasNoTurn() {
    var problem = problem(seed: 9, rows: 128, pull: 0)
    problem.residuals = Matrix(rows: 128, columns: 10)
    let turns = PairTurns(
      problem.moments(compute), atoms: BoundedAtoms(problem.atoms), convention: .signed,
      on: compute)
    #expect(turns.found.isEmpty && turns.bound == 0)
  }

  private func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
  private func unit(_ vector: [Double]) -> [Double] {
    let own = length(vector)
    return vector.map { $0 / own }
  }
}
