import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct RemovalCostsTests {
  /// The least squared error of a target on atoms, by Gram-Schmidt.
  static func error(_ target: [Double], on atoms: [[Double]]) -> Double {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func without(_ a: [Double], _ b: [Double]) -> [Double] {
      let share = dot(a, b) / dot(b, b)
      return zip(a, b).map { $0 - share * $1 }
    }
    var basis: [[Double]] = []
    for atom in atoms {
      var rest = atom
      for direction in basis + basis { rest = without(rest, direction) }
      basis.append(rest)
    }
    let residual = basis.reduce(target) { without($0, $1) }
    return dot(residual, residual)
  }

  @Test func aCostIsWhatTheErrorGrowsBy() {
    let atoms = gaussianRows(12, 8, seed: 1)
    let targets = gaussianRows(40, 8, seed: 2)
    let bias: [Float] = [1, -1, 0, 0.5, 0, 0, 2, 0]
    var indices: [Int32] = []
    var stream = RandomStream(seed: 1, name: "supports")
    for _ in 0..<40 { indices += stream.permutation(count: 12).prefix(4).sorted().map(Int32.init) }
    let codes = SparseCodes(
      latents: 12, offsets: (0...40).map { 4 * $0 }, indices: indices,
      values: [Float](repeating: 1, count: 160))
    var removal = RemovalCosts(latents: 12)
    removal.add(codes, targets: targets, atoms: atoms, bias: bias, on: compute)
    var expected = [Double](repeating: 0, count: 12)
    for row in 0..<40 {
      let support = codes.entries(ofRow: row).map { Int(indices[$0]) }
      let target = zip(targets.row(row), bias).map { Double($0 - $1) }
      let rows = support.map { atoms.row($0).map(Double.init) }
      let whole = Self.error(target, on: rows)
      for (place, latent) in support.enumerated() {
        var others = rows
        others.remove(at: place)
        expected[latent] += Self.error(target, on: others) - whole
      }
    }
    for (cost, true_) in zip(removal.costs, expected) { #expect(abs(cost / true_ - 1) < 1e-5) }
  }

  @Test func aCopyCostsNothingAndASoleAtomAllThatItExplains() {
    let atoms = Matrix(rows: 3, columns: 2, values: [1, 0, 1, 0, 0, 2])
    let codes = SparseCodes(latents: 3, offsets: [0, 3], indices: [0, 1, 2], values: [1, 1, 1])
    var removal = RemovalCosts(latents: 3)
    removal.add(
      codes, targets: Matrix(rows: 1, columns: 2, values: [3, 5]), atoms: atoms, bias: [0, 0],
      on: compute)
    #expect(removal.costs[0] < 1e-6 && removal.costs[1] < 1e-6)
    #expect(abs(removal.costs[2] - 25) < 1e-6)
  }

  @Test func threadsDoNotMatter() {
    let atoms = gaussianRows(60, 8, seed: 1)
    let targets = gaussianRows(100, 8, seed: 2)
    let coder = SparseCoder(
      site: Site(name: "here", width: 8), activation: .topK(k: 5), encoder: atoms, decoder: atoms,
      encoderBias: [Float](repeating: 0, count: 60), decoderBias: [Float](repeating: 0, count: 8))
    let all = [1, 2, 3].map { threads in
      let place = Compute(threads: threads)
      var removal = RemovalCosts(latents: 60)
      removal.add(
        coder.encode(targets, on: place), targets: targets, atoms: atoms, bias: coder.decoderBias,
        on: place)
      return removal.costs
    }
    #expect(all[0] == all[1] && all[0] == all[2])
    #expect(all[0].contains { $0 > 0 })
  }
}
