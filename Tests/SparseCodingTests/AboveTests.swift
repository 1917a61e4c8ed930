import CSparseKernels
import SparseCoding
import Testing

/// All scores above limits, found with a screen, against all canonical scores.
@Suite struct AboveTests {
  @Test(arguments: Searcher.all)
  func awkwardShapes(searcher: Searcher) {
    var draw = Draw(70)
    for (rows, width, latents) in [
      (1, 1, 1), (64, 16, 6), (65, 17, 7), (63, 15, 32), (130, 33, 100), (3, 129, 61), (0, 8, 13),
      (4, 8, 0), (128, 64, 200),
    ] {
      let problem = ChoiceProblem(rows: rows, width: width, latents: latents, k: 1, draw: &draw)
      for limit in [-1, 0, 0.7, 100] as [Float] {
        let limits = [Float](repeating: limit, count: latents)
        let solved = problem.above(limits, by: searcher)
        #expect(
          solved.found == problem.expectedAbove(limits), "\(rows) \(width) \(latents) \(limit)")
      }
      let own = draw.floats(latents)
      #expect(problem.above(own, by: searcher).found == problem.expectedAbove(own))
    }
  }

  /// Limits that are scores themselves: what equals one does not exceed it, and its neighbours in float do or do not.
  @Test(arguments: Searcher.all)
  func limitsThatAreScores(searcher: Searcher) {
    var draw = Draw(71)
    for width in [5, 40, 300] {
      let problem = ChoiceProblem(rows: 70, width: width, latents: 150, k: 1, draw: &draw)
      let scores = problem.scores(ofRow: 33)
      for limits in [scores, scores.map(\.nextUp), scores.map(\.nextDown)] {
        let solved = problem.above(limits, by: searcher)
        #expect(solved.found == problem.expectedAbove(limits))
      }
      let below = problem.above(scores.map(\.nextDown), by: searcher).found
      #expect(below[33].indices == (0..<150).map(Int32.init))
      #expect(problem.above(scores, by: searcher).found[33].indices.isEmpty)
    }
  }

  @Test(arguments: Searcher.all, Numbers.allCases)
  func extremeNumbers(searcher: Searcher, kind: Numbers) {
    var draw = Draw(72)
    for (rowKind, latentKind, limitKind) in [
      (kind, kind, kind), (kind, .ordinary, .ordinary), (.ordinary, kind, .zero),
      (.ordinary, .ordinary, kind),
    ] {
      var problem = ChoiceProblem(rows: 67, width: 21, latents: 131, k: 1, draw: &draw)
      problem.rows.values = draw.floats(67 * 21, rowKind)
      problem.encoder.values = draw.floats(131 * 21, latentKind)
      problem.bias = draw.floats(131, latentKind)
      let limits = draw.floats(131, limitKind)
      #expect(problem.above(limits, by: searcher).found == problem.expectedAbove(limits))
    }
  }

  @Test(arguments: Searcher.all)
  func limitsWithoutEnd(searcher: Searcher) {
    var draw = Draw(73)
    let problem = ChoiceProblem(rows: 66, width: 12, latents: 40, k: 1, draw: &draw)
    let limits = (0..<40).map { [Float.infinity, -.infinity, .nan, 0][$0 % 4] }
    let solved = problem.above(limits, by: searcher)
    #expect(solved.found == problem.expectedAbove(limits))
    #expect(solved.found.allSatisfy { $0.indices.filter { $0 % 4 == 1 }.count == 10 })
  }

  /// Dimensions left to float, and how much bytes let through with and without.
  @Test(arguments: Searcher.all)
  func outlierDimensions(searcher: Searcher) {
    var draw = Draw(74)
    var problem = ChoiceProblem(rows: 65, width: 100, latents: 150, k: 1, draw: &draw)
    for row in 0..<65 {
      for column in [3, 70] { problem.rows[row, column] = 1000 + draw.float() }
    }
    for latent in 0..<150 {
      for column in [3, 70] { problem.encoder[latent, column] *= column == 3 ? 1 : 1e-3 }
    }
    // Limits that far above the scores: nothing exceeds them, and the closer ones no screen of bytes can tell from them.
    var survivors: [UInt64] = [0, 0]
    for distance in stride(from: 10 as Float, to: 130, by: 10) {
      let limits = (0..<150).map { 1000 * problem.encoder[$0, 3] + distance }
      for (place, dimensions) in [[], [3, 70]].enumerated() {
        problem.split = dimensions
        let solved = problem.above(limits, by: searcher)
        #expect(solved.found == problem.expectedAbove(limits))
        survivors[place] += solved.survivors
      }
    }
    guard searcher.screen.kind == .int8, !searcher.isExhaustive else { return }
    #expect(survivors[1] * 10 < survivors[0] * 9, "\(survivors)")
  }

  /// Sums of so many bytes would not fit into 32 bits.
  @Test(arguments: Searcher.all)
  func rowsTooWideForSumsOfBytes(searcher: Searcher) {
    let problem = ChoiceProblem.tooWideForSumsOfBytes(k: 1)
    let limits = [Float](repeating: 140_000 * 1.00155, count: 20)
    #expect(problem.above(limits, by: searcher).found.map(\.indices) == [[16, 17, 18, 19]])
  }

  /// The stress problems of `ChoiceStressTests`, with limits of their own.
  @Test(arguments: Searcher.all)
  func randomProblems(searcher: Searcher) {
    var draw = Draw(75)
    var (wrong, excluded) = (0, 0)
    for round in 0..<2000 {
      let problem = ChoiceStressTests.problem(&draw)
      let limits = draw.floats(problem.latents, round % 5 == 0 ? .zero : .ordinary)
      let solved = problem.above(limits, by: searcher)
      excluded += problem.rows.rows * problem.latents - Int(solved.survivors)
      if solved.found != problem.expectedAbove(limits) {
        wrong += 1
        Issue.record(
          "\(problem.rows.rows) rows, width \(problem.width), \(problem.latents) latents")
      }
      if wrong > 5 { return }
    }
    #expect(searcher.isExhaustive || excluded > 10_000, "the screen excluded only \(excluded)")
  }
}

extension ChoiceProblem {
  /// What a row has above limits: latents, and the bits of their scores.
  struct Above: Equatable {
    var indices: [Int32]
    var values: [UInt32]
  }

  func expectedAbove(_ limits: [Float]) -> [Above] {
    (0..<rows.rows).map { row in
      let scores = scores(ofRow: row)
      let found = (0..<latents).filter { scores[$0] > limits[$0] }
      return Above(indices: found.map(Int32.init), values: bits(found.map { scores[$0] }))
    }
  }

  /// The kernel's answer; expects it to stay in its memory, which it finds dirty.
  func above(_ limits: [Float], by searcher: Searcher) -> (found: [Above], survivors: UInt64) {
    let problem = ScreenedProblem(self, searcher)
    let bytes = elute_choose_scratch_bytes(width, rows.rows, 0, latents)
    let scratch = AlignedBuffer([UInt8](repeating: 0xa5, count: bytes + 64))
    let room = latents + 16
    let indices = AlignedBuffer([Int32](repeating: -7, count: rows.rows * room + 16))
    let values = AlignedBuffer([Float](repeating: -7, count: rows.rows * room + 16))
    let counts = AlignedBuffer([Int32](repeating: -7, count: rows.rows + 16))
    let bounds = AlignedBuffer(limits)
    var above = EluteAbove(
      indices: indices.start, values: values.start, counts: counts.start, room: room, survivors: 0)
    problem.screened.view.chooseAbove(
      bounds.start, among: latents, encoder: problem.encoder.start, bias: problem.bias.start,
      for: problem.unit, scratch: scratch.start, into: &above, with: searcher.kernels.functions)
    #expect(scratch.elements[bytes...].allSatisfy { $0 == 0xa5 }, "memory behind the scratch")
    #expect(counts.elements[rows.rows...].allSatisfy { $0 == -7 }, "memory behind the counts")
    let found = (0..<rows.rows).map { row in
      let end = row * room + Int(counts.start[row])
      let behind = row * room + latents..<(row + 1) * room
      #expect(indices.elements[behind].allSatisfy { $0 == -7 }, "memory behind the indices")
      #expect(values.elements[behind].allSatisfy { $0 == -7 }, "memory behind the values")
      return Above(
        indices: Array(indices.elements[row * room..<end]),
        values: bits(values.elements[row * room..<end]))
    }
    return (found, above.survivors)
  }
}
