import Elute
import Testing

@testable import SparseExperiments

@Suite("latents of several dictionaries in one frame") struct LatentUnionTests {
  /// A dictionary with atoms of other lengths, an encoder of its own and biases.
  private func dictionary(_ seed: UInt64, _ rule: Activation = .topK(k: 3)) -> SparseCoder {
    var stream = RandomStream(seed: seed, name: "union")
    func rows(_ count: Int) -> Matrix {
      Matrix(rows: count, columns: 6, values: stream.gaussians(count: 6 * count))
    }
    let (encoder, decoder) = (rows(9), rows(9))
    var coder = SparseCoder(
      site: Site(name: "here", width: 6), activation: rule, encoder: encoder, decoder: decoder,
      encoderBias: stream.gaussians(count: 9), decoderBias: stream.gaussians(count: 6))
    if rule == .jumpReLU { coder.thresholds = stream.gaussians(count: 9).map { abs($0) } }
    return coder
  }

  private func union(
    _ dictionaries: [SparseCoder], live: [Int]? = nil, _ convention: CosineConvention = .signed
  ) throws -> LatentUnion {
    LatentUnion(
      dictionaries,
      live: try dictionaries.map { try UnitAtoms($0.decoder, live: live, name: "a") },
      convention: convention)
  }

  @Test(
    "a latent alone codes and reconstructs as before, whatever the bias of all",
    arguments: [Activation.relu, .jumpReLU])
  func alone(_ rule: Activation) throws {
    let dictionaries = [dictionary(1, rule), dictionary(2, rule)]
    let live = [0, 2, 3, 7]
    let all = try union(dictionaries, live: live)
    #expect(all.count == 8)
    var stream = RandomStream(seed: 1, name: "rows")
    let rows = Matrix(rows: 50, columns: 6, values: stream.gaussians(count: 300))
    let places = live.map { all.place(of: .init(dictionary: 1, latent: $0)) }
    let taken = all.centers(places.map { [$0] })
    let own = dictionaries[1].keeping(live)
    func contributions(_ coder: SparseCoder) -> Matrix {
      var bare = coder
      bare.decoderBias = [Float](repeating: 0, count: 6)
      bare.inputBias = coder.inputBias
      return bare.decode(bare.encode(rows, on: oneThread), on: oneThread)
    }
    let (a, b) = (contributions(taken), contributions(own))
    #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(b.values.contains { abs($0) > 1 })
    #expect(taken.decoderBias != own.decoderBias)
  }

  @Test("a center is the mean direction, and signs do not matter to signed codes")
  func center() throws {
    let first = coder([[1, 0], [0, 1]])
    let second = coder([[0.6, 0.8], [0, -2]])
    let signed = try union([first, second])
    let both = signed.centers([[0, 2]])
    let half: [Float] = [0.8, 0.4]
    let length = (half[0] * half[0] + half[1] * half[1]).squareRoot()
    #expect(zip(both.decoder.values, half).allSatisfy { abs($0 - $1 / length) < 1e-6 })
    // What both reconstruct of a row along the center, on average, is what the center makes of it.
    let row = Matrix(rows: 1, columns: 2, values: [2, 1])
    let made = both.decode(both.encode(row, on: oneThread), on: oneThread).values
    let scores: (Float, Float) = (2, 2 * 0.6 + 0.8)
    let alongCenter = (scores.0 + scores.1) / 2 * length
    #expect(abs((made[0] * half[0] + made[1] * half[1]) / length - alongCenter) < 1e-5)
    let absolute = try union([first, second], .absolute)
    #expect(absolute.centers([[1, 3]]).decoder.values == [0, 1])
    #expect(absolute.nearest([1, 3]) == 1)
  }

  @Test("the nearest member is the one in the middle")
  func nearest() throws {
    let all = try union([coder([[1, 0]]), coder([[0.8, 0.6]]), coder([[0.6, 0.8]])])
    #expect(all.nearest([0, 1, 2]) == 1)
  }
}

@Suite("taking atoms away") struct PruningTests {
  @Test("atoms that others stand in for go first, then those of the least energy")
  func order() {
    // Two copies of the first axis, and axes along which rows reach ever less far.
    let axes: [[Float]] = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    let all = coder(axes, k: 3)
    var stream = RandomStream(seed: 1, name: "rows")
    let sizes: [Float] = [3, 2, 1]
    let rows = Matrix(
      rows: 80, columns: 3,
      values: stream.gaussians(count: 240).enumerated().map { abs($1) * sizes[$0 % 3] })
    func left(_ count: Int) -> [Int] {
      all.leastMissed(keeping: count, on: rows, compute: oneThread)
    }
    #expect(left(4) == [0, 1, 2, 3])
    let three = left(3)
    #expect(three == [0, 2, 3] || three == [1, 2, 3])
    #expect(left(2).contains(2) && !left(2).contains(3))
    let energies = all.energies(on: rows, compute: oneThread)
    #expect(energies[0] > energies[2] && energies[2] > energies[3])
    #expect(largest(2, of: energies) == [0, 1])
  }

  @Test("of equal values the first are the largest")
  func ties() {
    #expect(largest(3, of: [1, 2, 1, 2, 1]) == [0, 1, 3])
    #expect(largest(9, of: [1, 2]) == [0, 1])
  }
}
