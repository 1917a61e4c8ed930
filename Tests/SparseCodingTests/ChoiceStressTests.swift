import CSparseKernels
import SparseCoding
import Testing

/// Thousands of small random problems, each mixed from several kinds of trouble.
@Suite struct ChoiceStressTests {
  @Test(arguments: Searcher.all)
  func randomProblems(searcher: Searcher) {
    var draw = Draw(50)
    var wrong = 0
    var fallbacks: UInt64 = 0
    for _ in 0..<3000 {
      let problem = Self.problem(&draw)
      let solved = problem.solved(by: searcher)
      fallbacks += solved.fallbacks
      if solved.answer != problem.expected {
        wrong += 1
        Issue.record(
          """
          \(problem.rows.rows) rows, width \(problem.width), \(problem.latents) latents, \
          k \(problem.k), guess \(problem.threshold)
          """)
      }
      if wrong > 5 { return }
    }
    #expect(searcher.isExhaustive || fallbacks > 1000, "only \(fallbacks) rows were searched anew")
  }

  static func problem(_ draw: inout Draw) -> ChoiceProblem {
    let rows = draw.index(below: 40) == 0 ? 60 + draw.index(below: 10) : draw.index(below: 6)
    let width = 1 + draw.index(below: 24)
    let latents = draw.index(below: 8) == 0 ? 100 + draw.index(below: 60) : draw.index(below: 40)
    let k = 1 + draw.index(below: [3, 10, 70][draw.index(below: 3)])
    let kinds: [Numbers] = [.ordinary, .ordinary, .tied, .tied, .tiny, .huge, .zero, .finite]
    var problem = ChoiceProblem(
      rows: rows, width: width, latents: latents, k: k, kind: kinds[draw.index(below: 8)],
      draw: &draw)
    switch draw.index(below: 6) {
    case 0: problem.bias = [Float](repeating: 0, count: latents)
    case 1: problem.bias = draw.floats(latents)
    case 2: problem.bias = draw.floats(latents).map { $0 - 1 }
    default: break
    }
    if latents > 1, draw.index(below: 3) == 0 {
      for latent in 0..<latents where draw.index(below: 3) > 0 {
        let source = draw.index(below: 2)
        for column in 0..<width {
          problem.encoder[latent, column] = problem.encoder[source, column]
        }
        problem.bias[latent] = problem.bias[source]
      }
    }
    if rows > 0, draw.index(below: 3) == 0 {
      let row = draw.index(below: rows)
      let kind = kinds[draw.index(below: 8)]
      for column in 0..<width { problem.rows[row, column] = draw.float(kind) }
    }
    if draw.index(below: 2) == 0 { problem.threshold = abs(draw.float()) * 0.7 }
    return problem
  }
}
