import CSparseKernels
import SparseCoding
import Testing

/// The fused product and selection against a sort of all canonical scores, where the screen has it hard.
@Suite struct ChoiceTests {
  @Test(arguments: Searcher.all)
  func awkwardShapes(searcher: Searcher) {
    var draw = Draw(40)
    let shapes: [(rows: Int, width: Int, latents: Int, k: Int)] = [
      (1, 1, 1, 1), (64, 16, 6, 1), (65, 17, 7, 3), (63, 15, 5, 5),
      (130, 33, 100, 8), (3, 129, 61, 60), (2, 8, 13, 40), (0, 8, 13, 2), (4, 8, 0, 2),
      (128, 64, 200, 32),
    ]
    for shape in shapes {
      var problem = ChoiceProblem(
        rows: shape.rows, width: shape.width, latents: shape.latents, k: shape.k, draw: &draw)
      for signs in [false, true] {
        problem.signs = signs
        #expect(problem.solved(by: searcher).answer == problem.expected, "\(shape) \(signs)")
      }
    }
  }

  /// Hundreds of equal scores cannot be thinned: the list runs over and the row is searched anew.
  @Test(arguments: Searcher.all)
  func duplicatedLatents(searcher: Searcher) {
    var draw = Draw(41)
    for (copies, k) in [(300, 4), (400, 1), (129, 32), (500, 20)] {
      var problem = ChoiceProblem(rows: 70, width: 20, latents: copies, k: k, draw: &draw)
      for latent in 1..<copies where latent % 50 != 0 {
        for column in 0..<20 { problem.encoder[latent, column] = problem.encoder[0, column] }
        problem.bias[latent] = problem.bias[0]
      }
      // Of two of the same size and other signs the first counts.
      var signed = problem
      signed.signs = true
      for latent in stride(from: 3, to: copies, by: 7) {
        for column in 0..<20 { signed.encoder[latent, column] *= -1 }
        signed.bias[latent] *= -1
      }
      #expect(signed.solved(by: searcher).answer == signed.expected, "\(copies), k \(k), signed")
      let solved = problem.solved(by: searcher)
      #expect(solved.answer == problem.expected, "\(copies) copies, k \(k)")
      #expect(
        searcher.isExhaustive || copies < 8 * k + 256 + copies / 20 + 15 || solved.fallbacks > 0,
        "\(copies) \(k)")
    }
  }

  @Test(arguments: Searcher.all)
  func noPositiveScore(searcher: Searcher) {
    var draw = Draw(42)
    var problem = ChoiceProblem(rows: 66, width: 10, latents: 250, k: 5, draw: &draw)
    problem.bias = problem.bias.map { -100 - abs($0) }
    let solved = problem.solved(by: searcher).answer
    #expect(solved == problem.expected)
    #expect(solved.indices.allSatisfy(\.isEmpty) && solved.smallest.allSatisfy { $0 == 0 })
    problem.signs = true
    let signed = problem.solved(by: searcher).answer
    #expect(signed == problem.expected)
    #expect(signed.values.allSatisfy { $0.count == 5 })
  }

  @Test(arguments: Searcher.all)
  func moreAskedForThanIsPositive(searcher: Searcher) {
    var draw = Draw(43)
    var problem = ChoiceProblem(rows: 66, width: 10, latents: 90, k: 60, draw: &draw)
    #expect(problem.solved(by: searcher).answer == problem.expected)
    problem.k = 90
    #expect(problem.solved(by: searcher).answer == problem.expected)
    problem.k = 91
    #expect(problem.solved(by: searcher).answer == problem.expected)
  }

  /// A row of zeros scores the biases alone, of which hundreds are equal, zero or negative.
  @Test(arguments: Searcher.all, [Float(0), -0.0, 0.25, -0.25])
  func rowsOfZeros(searcher: Searcher, bias: Float) {
    var draw = Draw(44)
    var problem = ChoiceProblem(rows: 70, width: 9, latents: 300, k: 6, draw: &draw)
    for index in problem.rows.values.indices where index < 9 * 5 { problem.rows.values[index] = 0 }
    problem.bias = [Float](repeating: bias, count: 300)
    for signs in [false, true] {
      problem.signs = signs
      #expect(problem.solved(by: searcher).answer == problem.expected)
    }
  }

  @Test(arguments: Searcher.all, Numbers.allCases)
  func extremeNumbers(searcher: Searcher, kind: Numbers) {
    var draw = Draw(45)
    for (rowKind, latentKind) in [(kind, kind), (kind, .ordinary), (.ordinary, kind)] {
      var problem = ChoiceProblem(rows: 67, width: 21, latents: 131, k: 4, draw: &draw)
      problem.rows.values = draw.floats(67 * 21, rowKind)
      problem.encoder.values = draw.floats(131 * 21, latentKind)
      problem.bias = draw.floats(131, latentKind)
      for signs in [false, true] {
        problem.signs = signs
        let expected = problem.expected
        for threshold in [0, 0.1, 10] as [Float] {
          problem.threshold = threshold
          #expect(
            problem.solved(by: searcher).answer == expected, "\(rowKind) \(latentKind) \(signs)")
        }
      }
    }
  }

  /// A few dimensions a thousand times the others, as every large transformer has them.
  @Test(arguments: Searcher.all)
  func outlierDimensions(searcher: Searcher) {
    var draw = Draw(46)
    var problem = ChoiceProblem(rows: 65, width: 100, latents: 150, k: 8, draw: &draw)
    for row in 0..<65 {
      for column in [3, 70] { problem.rows[row, column] = 1000 + draw.float() }
    }
    for latent in 0..<150 {
      for column in [3, 70] { problem.encoder[latent, column] *= column == 3 ? 1 : 1e-3 }
    }
    let whole = problem.solved(by: searcher)
    #expect(whole.answer == problem.expected)
    problem.split = [3, 70]
    let split = problem.solved(by: searcher)
    #expect(split.answer == problem.expected)
    guard searcher.screen.kind == .int8, !searcher.isExhaustive else { return }
    // Eight of each row survive whatever the screen.
    #expect((split.survivors - 65 * 8) * 2 < whole.survivors - 65 * 8, "\(split.survivors)")
  }

  /// Sums of so many bytes would not fit into 32 bits.
  @Test(arguments: Searcher.all)
  func rowsTooWideForSumsOfBytes(searcher: Searcher) {
    let problem = ChoiceProblem.tooWideForSumsOfBytes(k: 4)
    #expect(problem.solved(by: searcher).answer.indices == [[16, 17, 18, 19]])
  }

  /// Latents that bytes cannot tell apart, with dimensions split off: float32 takes over, and it has all of them.
  @Test(arguments: Searcher.all)
  func outlierDimensionsOfLatentsAlike(searcher: Searcher) {
    var draw = Draw(51)
    var problem = ChoiceProblem(rows: 65, width: 40, latents: 500, k: 8, draw: &draw)
    problem.split = [3, 17]
    for latent in 1..<500 {
      for column in 0..<40 {
        problem.encoder[latent, column] =
          problem.encoder[0, column] + 1e-4 * problem.encoder[latent, column]
      }
      problem.bias[latent] = problem.bias[0]
    }
    for row in 0..<65 {
      for column in problem.split { problem.rows[row, column] *= 50 }
    }
    let solved = problem.solved(by: searcher)
    #expect(solved.answer == problem.expected)
    #expect(searcher.screen.kind != .int8 || searcher.isExhaustive || solved.fallbacks > 0)
  }

  /// Scores that differ by a rounding: the screen cannot order them, the canonical scores do.
  @Test(arguments: Searcher.all)
  func scoresWithinARounding(searcher: Searcher) {
    var draw = Draw(47)
    var problem = ChoiceProblem(rows: 64, width: 40, latents: 120, k: 10, draw: &draw)
    for latent in 1..<120 {
      for column in 0..<40 {
        let value = problem.encoder[0, column]
        problem.encoder[latent, column] =
          Float(bitPattern: value.bitPattern &+ UInt32(draw.index(below: 3)))
      }
      problem.bias[latent] = problem.bias[0]
    }
    #expect(problem.solved(by: searcher).answer == problem.expected)
  }

  /// One latent whose products all round up in the screen's chain, and one whose products all round
  /// down: the screen has them in the wrong order, at five sixths of twice the bound.
  @Test(arguments: Searcher.all)
  func roundingsAtTheirWorst(searcher: Searcher) {
    let width = 512
    let ulp: Float = 0x1p-23
    func row(_ first: Float, _ others: Float) -> [Float] {
      [first] + [Float](repeating: others, count: width - 1)
    }
    let up = row(1, 0x1p-12 * (1 + 0x1p-10))
    let down = row(1 + 40 * ulp, 0x1p-12 * (1 - 0x1p-10))
    let x = row(1024, 1024 * 0x1p-12)
    #expect(chainedDot(x, up) == 1024 * (1 + 511 * ulp))
    #expect(chainedDot(x, down) == 1024 * (1 + 40 * ulp))
    for encoder in [up + down, down + up] {
      let problem = ChoiceProblem(
        k: 1, encoder: Matrix(rows: 2, columns: width, values: encoder), bias: [0, 0],
        rows: Matrix(rows: 1, columns: width, values: x))
      #expect(problem.expected.indices == [[encoder[0] == 1 ? 1 : 0]])
      #expect(problem.solved(by: searcher).answer == problem.expected)
    }
  }

  @Test(arguments: Searcher.all)
  func guessesOfTheThresholdSaveTimeOnly(searcher: Searcher) {
    var draw = Draw(48)
    var problem = ChoiceProblem(rows: 100, width: 30, latents: 200, k: 7, draw: &draw)
    let expected = problem.expected
    let kth = expected.smallest.map { Float(bitPattern: $0) }.sorted()
    for threshold in [1e-30, kth[0] * 0.9, kth[0], kth[50], kth[99], kth[99] * 2, 1e30, .infinity] {
      problem.threshold = threshold
      let solved = problem.solved(by: searcher)
      #expect(solved.answer == expected, "guess \(threshold)")
      guard !searcher.isExhaustive else { continue }
      if threshold > kth[99] { #expect(solved.fallbacks == 100) }
      if threshold < kth[0] * 0.99 { #expect(solved.fallbacks == 0) }
    }
  }

  @Test(arguments: Searcher.all)
  func theScreenExcludesMostScores(searcher: Searcher) {
    var draw = Draw(49)
    let problem = ChoiceProblem(rows: 128, width: 64, latents: 600, k: 8, draw: &draw)
    let solved = problem.solved(by: searcher)
    #expect(solved.answer == problem.expected)
    let most: UInt64 = searcher.screen.kind == .int8 ? 30 : 10
    #expect(searcher.isExhaustive || solved.survivors < 128 * most, "\(solved.survivors)")
    #expect(solved.fallbacks == 0)
  }
}
