import CSparseKernels
import SparseCoding
import Testing

/// A kernel set with one of its screens.
struct Searcher: Sendable, CustomTestStringConvertible {
  let kernels: KernelSet
  let screen: Screen

  static let all = KernelSet.available.flatMap { kernels in
    kernels.screens.map { Searcher(kernels: kernels, screen: $0) }
  }

  /// The plain twin scores everything canonically, whatever its screen.
  var isExhaustive: Bool { kernels == .plain }
  var testDescription: String { "\(kernels) \(screen.kind) by \(screen.instructions)" }
}

/// Rows to choose codes for, and the answer by sorting all canonical scores.
struct ChoiceProblem {
  var k: Int
  /// `[latents, width]`, with a bias each.
  var encoder: Matrix
  var bias: [Float]
  /// `[rows, width]`.
  var rows: Matrix
  /// The guess of a row's k-th score over its norm.
  var threshold: Float = 0
  /// Dimensions that a screen leaves to float.
  var split: [Int] = []
  /// Whether the largest in magnitude are kept, with their signs.
  var signs = false

  var latents: Int { encoder.rows }
  var width: Int { encoder.columns }
  var norms: [Float] {
    (0..<rows.rows).map { elute_row_bound(canonicalDot(rows.row($0), rows.row($0))) }
  }

  /// All canonical scores of a row, by the plain twin's dot, which `DotTests` compares with its tree.
  func scores(ofRow row: Int) -> [Float] {
    let dot = KernelSet.plain.table.dot
    return rows.values.withUnsafeBufferPointer { rows in
      encoder.values.withUnsafeBufferPointer { encoder in
        guard let dot, let x = rows.baseAddress, let w = encoder.baseAddress else { return [] }
        return (0..<latents).map { dot(x + row * width, w + $0 * width, width) + bias[$0] }
      }
    }
  }

  /// What a choice is: for each row latents, bits of values, and bits of the k-th score over the norm.
  struct Answer: Equatable {
    var indices: [[Int32]] = []
    var values: [[UInt32]] = []
    var smallest: [UInt32] = []
  }

  /// Positive scores or all but 0, the greatest first, equal ones by index; of those k, in the order of
  /// the index.
  var expected: Answer {
    var answer = Answer()
    let norms = norms
    for row in 0..<rows.rows {
      let scores = scores(ofRow: row)
      let sizes = signs ? scores.map(abs) : scores
      let order = (0..<latents).filter { sizes[$0] > 0 }
        .sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        .prefix(k)
      let kth = order.count == k ? sizes[order[k - 1]] / norms[row] : 0
      answer.indices.append(order.sorted().map(Int32.init))
      answer.values.append(bits(order.sorted().map { scores[$0] }))
      answer.smallest += bits([kth])
    }
    return answer
  }

  /// The kernel's answer and its tallies.
  ///
  /// Expects it to stay in its memory, which it finds dirty.
  func solved(by searcher: Searcher) -> (answer: Answer, survivors: UInt64, fallbacks: UInt64) {
    let problem = ScreenedProblem(self, searcher)
    let bytes = elute_choose_scratch_bytes(width, rows.rows, k, latents)
    let scratch = AlignedBuffer([UInt8](repeating: 0xa5, count: bytes + 64))
    let room = rows.rows * k
    let indices = AlignedBuffer([Int32](repeating: -7, count: room + 16))
    let values = AlignedBuffer([Float](repeating: -7, count: room + 16))
    let counts = AlignedBuffer([Int32](repeating: -7, count: rows.rows + 16))
    let smallest = AlignedBuffer([Float](repeating: -7, count: rows.rows + 16))
    var choice = EluteChoice(
      indices: indices.start, values: values.start, counts: counts.start,
      smallest: smallest.start, survivors: 0, fallbacks: 0)
    problem.screened.view.choose(
      among: latents, encoder: problem.encoder.start, bias: problem.bias.start, for: problem.unit,
      scratch: scratch.start, into: &choice, with: searcher.kernels.functions)
    #expect(scratch.elements[bytes...].allSatisfy { $0 == 0xa5 }, "memory behind the scratch")
    #expect(indices.elements[room...].allSatisfy { $0 == -7 }, "memory behind the indices")
    #expect(values.elements[room...].allSatisfy { $0 == -7 }, "memory behind the values")
    #expect(counts.elements[rows.rows...].allSatisfy { $0 == -7 }, "memory behind the counts")
    #expect(smallest.elements[rows.rows...].allSatisfy { $0 == -7 }, "memory behind the smallest")
    var answer = Answer(smallest: bits(smallest.elements[..<rows.rows]))
    for row in 0..<rows.rows {
      let used = row * k..<row * k + max(Int(counts.start[row]), 0)
      answer.indices.append(Array(indices.elements[used]))
      answer.values.append(bits(values.elements[used]))
    }
    return (answer, choice.survivors, choice.fallbacks)
  }
}

/// A problem in the memory of the kernels.
struct ScreenedProblem {
  let encoder, bias: AlignedBuffer<Float>
  let screened: ScreenedLatents
  let unit: EluteRows
  private let input, norm: AlignedBuffer<Float>

  init(_ problem: ChoiceProblem, _ searcher: Searcher) {
    let stride = AlignedBuffer<Float>.stride(ofWidth: problem.width)
    encoder = AlignedBuffer(padding: problem.encoder)
    bias = AlignedBuffer(problem.bias)
    input = AlignedBuffer(padding: problem.rows)
    norm = AlignedBuffer(problem.norms)
    screened = ScreenedLatents(
      searcher.screen, latents: problem.latents, width: problem.width, split: problem.split)
    let row = AlignedBuffer<Float>(count: stride)
    for latent in 0..<problem.latents {
      screened.view.update(
        latent, row: encoder.start + latent * stride, bias: bias.start[latent],
        scratch: row.start, with: searcher.kernels.functions)
    }
    unit = EluteRows(
      input: input.start, norm: norm.start, rows: problem.rows.rows, stride: stride, k: problem.k,
      signs: problem.signs ? 1 : 0, threshold: problem.threshold)
  }
}

extension ChoiceProblem {
  /// A row of ones, and twenty latents a little larger each than the one before: the scores are 140,000 and more.
  static func tooWideForSumsOfBytes(k: Int) -> ChoiceProblem {
    let width = 140_000
    let weights = (0..<20).flatMap { latent in
      [Float](repeating: 1 + 1e-4 * Float(latent), count: width)
    }
    return ChoiceProblem(
      k: k, encoder: Matrix(rows: 20, columns: width, values: weights),
      bias: [Float](repeating: 0, count: 20),
      rows: Matrix(rows: 1, columns: width, values: [Float](repeating: 1, count: width)))
  }

  /// Ordinary numbers of a shape.
  init(rows: Int, width: Int, latents: Int, k: Int, kind: Numbers = .ordinary, draw: inout Draw) {
    self.init(
      k: k,
      encoder: Matrix(rows: latents, columns: width, values: draw.floats(latents * width, kind)),
      bias: draw.floats(latents, kind),
      rows: Matrix(rows: rows, columns: width, values: draw.floats(rows * width, kind)))
  }
}
