import SparseCoding
import Testing

@testable import Identifiability

/// How far an encoder is pushed: against differences of the cost itself.
struct EncoderStationarityTests {
  private let compute = Compute(threads: 2)
  private let count = 640
  private let width = 5

  /// An encoder with supports held, and its cost.
  private struct Problem {
    var rows: Matrix
    var atoms: Matrix
    var encoder: [[Double]]
    var biases: [Double]
    var supports: [[Int]]
    var lambda: Double

    func code(_ row: Int, _ latent: Int) -> Double {
      dot(encoder[latent], rows.row(row).map(Double.init)) + biases[latent]
    }

    func residual(_ row: Int) -> [Double] {
      var left = rows.row(row).map(Double.init)
      for latent in supports[row] {
        let code = code(row, latent)
        for index in left.indices { left[index] -= code * Double(atoms[latent, index]) }
      }
      return left
    }

    var cost: Double {
      let lengths = BoundedAtoms(atoms).lengths
      return (0..<rows.rows).reduce(0) { sum, row in
        let left = residual(row)
        let size = supports[row].reduce(0) { $0 + lengths[$1] * abs(code(row, $1)) }
        return sum + dot(left, left) / 2 + lambda * size
      }
    }
  }

  private func problem(off: Double, lambda: Double = 0) -> Problem {
    var stream = RandomStream(seed: 8, name: "rows")
    var atoms = axes(4, width: width)
    for index in 0..<width { atoms[1, index] *= 2 }
    var (rows, supports) = (Matrix(rows: count, columns: width), [[Int]]())
    for row in 0..<count {
      let latent = stream.index(below: 4)
      supports.append([latent])
      rows[row, latent] = Float(1 + stream.uniform())
      for index in 0..<width { rows[row, index] += 0.2 * stream.gaussians(count: 1)[0] }
    }
    var encoder = (0..<4).map { latent in
      (0..<width).map { $0 == latent ? latent == 1 ? 0.5 : 1 : 0.0 }
    }
    encoder[2][3] += off
    return Problem(
      rows: rows, atoms: atoms, encoder: encoder, biases: [0, off, 0, 0], supports: supports,
      lambda: lambda)
  }

  private func moments(_ problem: Problem) -> EncoderMoments {
    var found = EncoderMoments(
      latents: 4, inputWidth: width, outputWidth: width, rows: count, lambda: problem.lambda)
    // In pieces of no round number, as they come.
    let parts = stride(from: 0, to: count, by: 150).map { $0..<min($0 + 150, count) }
    func codes(_ part: Range<Int>) -> SparseCodes {
      writtenCodes(
        latents: 4,
        part.map { row in problem.supports[row].map { ($0, Float(problem.code(row, $0))) } })
    }
    for part in parts {
      let residuals = Matrix(
        rows: part.count, columns: width,
        values: part.flatMap { problem.residual($0).map(Float.init) })
      found.add(
        problem.rows.selecting(rows: part), codes(part), residuals,
        on: BoundedAtoms(problem.atoms), compute: compute)
    }
    for part in parts {
      found.addSpread(problem.rows.selecting(rows: part), codes(part), on: compute)
    }
    return found
  }

  /// The sums are the gradient of the cost.
  @Test(arguments: [0, 0.1]) func theGradientIsThatOfTheCost(lambda: Double) {
    let problem = problem(off: 0.3, lambda: lambda)
    let found = moments(problem)
    #expect(found.rows == count && found.isTelling)
    for latent in 0..<4 {
      let sums = (0..<ResidualMoments.blocks).map { found.inputs.sum(of: latent, block: $0) }
      for index in 0..<width {
        var (up, down) = (problem, problem)
        up.encoder[latent][index] += 1e-4
        down.encoder[latent][index] -= 1e-4
        let slope = (up.cost - down.cost) / 2e-4
        let sum = sums.reduce(0) { $0 + Double($1[$1.startIndex + index]) }
        #expect(abs(slope + sum) < 1e-3 * (1 + abs(slope)))
      }
      var (up, down) = (problem, problem)
      up.biases[latent] += 1e-4
      down.biases[latent] -= 1e-4
      let blocks = latent * ResidualMoments.blocks..<(latent + 1) * ResidualMoments.blocks
      let sum = found.biases[blocks].reduce(0, +)
      #expect(abs((up.cost - down.cost) / 2e-4 + sum) < 1e-3 * (1 + abs(sum)))
    }
    #expect(abs(found.costs.reduce(0, +) - 2 * problem.cost) < 1e-3 * problem.cost)
  }

  /// An encoder that is off is pushed, and following its gradient removes what is said; one that is not off is not pushed.
  @Test func whatIsOffIsPushed() throws {
    let off = problem(off: 0.6)
    let found = EncoderStationarity(
      moments(off), atoms: BoundedAtoms(off.atoms), on: compute)
    #expect(found.rows.low > 0.01 && found.biases.low > 0.01)
    #expect(found.whole.effect > found.rows.effect && found.whole.chance <= 1.0 / 128)
    // Every latent at once, as no two are ever on together; no other step along its gradient removes more.
    let sums = moments(off)
    let lengths = BoundedAtoms(off.atoms).lengths
    let left = [0.8, 1, 1.2].map { factor in
      var stepped = off
      for latent in 0..<4 {
        var gradient = [Double](repeating: 0, count: width)
        for block in 0..<ResidualMoments.blocks {
          for (index, value) in sums.inputs.sum(of: latent, block: block).enumerated() {
            gradient[index] += Double(value)
          }
        }
        let curvature = lengths[latent] * lengths[latent] * sums.spreads[latent]
        // A latent whose codes are the best has no gradient.
        guard curvature > 0 else { continue }
        for index in 0..<width {
          stepped.encoder[latent][index] += factor * gradient[index] / curvature
        }
      }
      return stepped.cost
    }
    #expect(left[1] < left[0] && left[1] < left[2])
    // What sampling adds is taken off: a few hundred rows a latent.
    #expect(abs((1 - left[1] / off.cost) - found.rows.effect) < 0.05 * found.rows.effect)

    // Codes that are the best on their supports ask for nothing.
    let right = problem(off: 0)
    let none = EncoderStationarity(
      moments(right), atoms: BoundedAtoms(right.atoms), on: compute)
    #expect(abs(none.rows.effect) < 1e-9 && abs(none.biases.effect) < 1e-9)
    #expect(abs(none.output.effect) < 0.02)
  }
}
