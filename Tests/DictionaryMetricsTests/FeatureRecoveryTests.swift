import SparseCoding
import Testing

@testable import DictionaryMetrics

/// What is counted as recovered, on dictionaries that are made for it.
struct FeatureRecoveryTests {
  private func axes(_ rows: [[Float]]) -> Matrix {
    Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 })
  }

  private let features: [[Float]] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]

  private func recovery(
    _ encoder: [[Float]], _ decoder: [[Float]], live: [Int]? = nil, readOuts: [[Float]]? = nil
  ) throws -> FeatureRecovery {
    try FeatureRecovery(
      of: axes(features), axes(features), readOuts: axes(readOuts ?? features), by: axes(encoder),
      axes(decoder), live: live ?? Array(0..<decoder.count), convention: .signed, name: "d",
      on: compute)
  }

  @Test func theFeaturesThemselvesAreAll() throws {
    let found = try recovery(features, features)
    for measure in [
      found.decoderCosine, found.encoderCosine, found.encoderReadOut, found.pathGain,
      found.paperRaw,
    ] {
      #expect(measure.atLeast95 == 1 && measure.atLeast90 == 1 && abs(measure.mean - 1) < 1e-6)
    }
    #expect(found.precision == 1 && found.f1 == 1 && found.duplicates == 0 && found.split == 0)
    #expect(found.bestLatents == [0, 1, 2, 3])
  }

  /// Scaling an encoder row against its atom changes nothing that the dictionary does.
  @Test func onlyThePapersMeasureChangesWithScale() throws {
    let encoder: [[Float]] = [[0.9, 0.1, 0, 0], [0, 1, 0, 0.2], [0, 0, 0.5, 0], [0, 0.3, 0, 1]]
    let decoder: [[Float]] = [[1, 0.1, 0, 0], [0, 0.8, 0, 0], [0, 0, 1, 0.4], [0, 0, 0, 1]]
    let plain = try recovery(encoder, decoder)
    let scaled = try recovery(
      encoder.map { $0.map { 10 * $0 } }, decoder.map { $0.map { $0 / 10 } })
    for (a, b) in [
      (plain.decoderCosine, scaled.decoderCosine), (plain.encoderCosine, scaled.encoderCosine),
      (plain.encoderReadOut, scaled.encoderReadOut), (plain.pathGain, scaled.pathGain),
    ] {
      #expect(a.atLeast95 == b.atLeast95 && abs(a.mean - b.mean) < 1e-5)
    }
    #expect(plain.precision == scaled.precision && plain.split == scaled.split)
    #expect(plain.paperRaw.atLeast95 == 0.5 && scaled.paperRaw.atLeast95 == 1)
    // 0.9, 0.8, 0.5 and 1 along their features.
    #expect(abs(plain.pathGain.mean - 0.8) < 1e-6 && plain.pathGain.atLeast95 == 0.25)
    #expect(plain.pathGain.atLeast90 == 0.5)
  }

  /// Features of several sites side by side are longer than one.
  @Test func lengthsOfFeaturesDoNotCount() throws {
    let long = axes(features.map { $0.map { 3 * $0 } })
    let unit = axes(features)
    let found = try FeatureRecovery(
      of: long, long, readOuts: unit, by: unit, unit, live: [0, 1, 2, 3], convention: .signed,
      name: "d", on: compute)
    // Activity a of a feature of length 3 is read as 3a, and written back as 3a of length one.
    #expect(found.pathGain.atLeast95 == 1 && abs(found.pathGain.mean - 1) < 1e-6)
    #expect(abs(found.paperRaw.mean - 1) < 1e-6 && found.decoderCosine.atLeast95 == 1)
  }

  @Test func copiesAndPartsAreCountedAndDeadLatentsAreNot() throws {
    // Two of the first feature, a dead one of the second, two half ways to the third, one of none.
    let decoder: [[Float]] = [
      [1, 0, 0, 0], [2, 0.02, 0, 0], [0, 1, 0, 0], [0, 0, 0.8, 0.6], [0, 0.6, 0.8, 0],
      [1, 1, 1, 1],
    ]
    let found = try recovery(decoder, decoder, live: [0, 1, 3, 4, 5])
    #expect(found.decoderCosine.atLeast95 == 0.25 && found.duplicates == 1 && found.split == 1)
    #expect(found.precision == 0.2 && abs(found.f1 - 2 * 0.2 * 0.25 / 0.45) < 1e-12)
    #expect(found.bestLatents[0] == 0 && abs(found.bestCosines[2] - 0.8) < 1e-6)
  }

  @Test func aReadOutIsWhatLeastSquaresGives() throws {
    var stream = RandomStream(seed: 3, name: "read-outs")
    // Rows that vary ten times as much along the first coordinate, and together along two.
    var rows = Matrix(rows: 4000, columns: 3, values: stream.gaussians(count: 12_000))
    for row in 0..<4000 {
      rows[row, 0] *= 10
      rows[row, 2] += rows[row, 1]
    }
    var totals = CovarianceTotals(width: 3)
    totals.add(rows, on: compute)
    let wanted = axes([[1, 1, 0], [0, 1, 0]])
    let found = FeatureRecovery.readOuts(of: wanted, like: totals, on: compute)
    var covariance = totals.scatter.map { $0 / 3999 }
    for row in 0..<3 {
      for column in 0..<row { covariance[column * 3 + row] = covariance[row * 3 + column] }
    }
    let ridge = 0.001 * (covariance[0] + covariance[4] + covariance[8]) / 3
    for feature in 0..<2 {
      for row in 0..<3 {
        let back = (0..<3).reduce(0.0) {
          $0 + (covariance[row * 3 + $1] + (row == $1 ? ridge : 0)) * Double(found[feature, $1])
        }
        #expect(abs(back - Double(wanted[feature, row])) < 1e-4)
      }
    }
  }

  /// A child's atom holds the parent: where the child is active the parent's latent is silent.
  @Test func aParentThatItsChildCarriesIsAbsorbed() throws {
    let parent: [Float] = [1, 0, 0, 0]
    let child: [Float] = [0.7071068, 0.7071068, 0, 0]
    let decoder = [parent, child, [0, 0, 1, 0], [0, 0, 0, 1]]
    let found = try recovery(decoder, decoder)
    func counts(_ codes: SparseCodes) -> AbsorptionCounts {
      var counts = AbsorptionCounts(
        found, of: axes(features), numbered: Array(0..<4), by: axes(decoder))
      let rows = axes([[Float]](repeating: [1, 1, 0, 0], count: 20))
      let truth = SparseCodes(
        latents: 4, offsets: Array(stride(from: 0, through: 40, by: 2)),
        indices: [Int32](repeating: 0, count: 40).enumerated().map { Int32($0.offset % 2) },
        values: [Float](repeating: 1, count: 40))
      counts.add(rows, codes, truth: truth, at: Array(0..<20))
      return counts
    }
    func count(_ codes: SparseCodes) -> Int { counts(codes).count }
    func codes(_ latents: [Int32], _ values: [Float]) -> SparseCodes {
      SparseCodes(
        latents: 4, offsets: (0...20).map { $0 * latents.count },
        indices: (0..<20).flatMap { _ in latents }, values: (0..<20).flatMap { _ in values })
    }
    #expect(count(codes([1], [1.4142])) == 1)
    // The parent's own latent is active, or nobody's is.
    #expect(count(codes([0, 1], [0.3, 1])) == 0)
    #expect(count(codes([2], [1])) == 0)
    #expect(count(codes([1], [0.3])) == 0)
    // The child's feature has no latent of its own among these axes' best: the parent's row alone is judged.
    let merged = counts(codes([1], [1.4142]))
    #expect(merged.meanFull.map { $0 >= 0.5 } == true && merged.meanFraction == merged.meanFull)
    #expect(merged.worst?.feature == 0 && merged.worst?.share == 1 && merged.worst?.latent == 0)
    #expect(merged.shares[0] == 1 && merged.countBounds == 1...1)
    // At 40 % of it rounding decides, and that is said.
    #expect(counts(codes([1], [0.4 * 1.414_213_6])).countBounds == 0...1)
    #expect(counts(codes([1], [0.4 * 1.415])).countBounds == 1...1)
    #expect(counts(codes([1], [0.4 * 1.413])).countBounds == 0...0)
    // A child at a cosine of 0.7 with its feature, but for rounding: whether it has a latent of its own is open.
    for (cosine, bounds) in [(Float(0.699_996), 0...1), (0.7001, 1...1), (0.6999, 0...0)] {
      let near: [[Float]] = [
        parent, [(1 - cosine * cosine).squareRoot(), cosine, 0, 0], [0, 0.6, 0.8, 0], [0, 0, 0, 1],
      ]
      let found = try recovery(near, near)
      var counts = AbsorptionCounts(
        found, of: axes(features), numbered: Array(0..<4), by: axes(near))
      let truth = SparseCodes(
        latents: 4, offsets: Array(0...20), indices: [Int32](repeating: 1, count: 20),
        values: [Float](repeating: 1, count: 20))
      let others = SparseCodes(
        latents: 4, offsets: Array(0...20), indices: [Int32](repeating: 2, count: 20),
        values: [Float](repeating: 1, count: 20))
      // The third latent has a part of the second feature.
      counts.add(
        axes([[Float]](repeating: [0, 1, 0, 0], count: 20)), others, truth: truth,
        at: Array(0..<20))
      #expect(counts.countBounds == bounds, "\(cosine)")
    }
    // A part of it: what the others carry over that and what the own latent does.
    let part = counts(codes([0, 1], [0.4, 0.6 * 1.4142]))
    #expect(part.meanFull == 0)
    #expect(abs((part.meanFraction ?? 0) * Double(part.judgedFeatures) - 0.6) < 1e-3)
    // Nothing to judge.
    let none = AbsorptionCounts(
      found, of: axes(features), numbered: Array(0..<4), by: axes(decoder))
    #expect(none.meanFull == nil && none.meanFraction == nil && none.worst == nil)
  }

  /// Two true atoms that are both on carry parts of each other from 48.2 degrees on, as the score has it; not beyond.
  @Test func trueAtomsCarryNothingOfEachOtherUnlessTheyAreNear() throws {
    for (cosine, fraction) in [(Float(0.6428), 0.0), (0.7071, 0.4142)] {
      let second: [Float] = [cosine, (1 - cosine * cosine).squareRoot(), 0, 0]
      let atoms: [[Float]] = [[1, 0, 0, 0], second, [0, 0, 1, 0], [0, 0, 0, 1]]
      let unit = axes(atoms)
      let found = try FeatureRecovery(
        of: unit, unit, readOuts: unit, by: unit, unit, live: [0, 1, 2, 3], convention: .signed,
        name: "d", on: compute)
      var counts = AbsorptionCounts(found, of: unit, numbered: Array(0..<4), by: unit)
      let codes = SparseCodes(
        latents: 4, offsets: Array(stride(from: 0, through: 40, by: 2)),
        indices: (0..<40).map { Int32($0 % 2) }, values: [Float](repeating: 1, count: 40))
      counts.add(
        axes([[Float]](repeating: [1 + cosine, second[1], 0, 0], count: 20)), codes, truth: codes,
        at: Array(0..<20))
      #expect(counts.judgedFeatures == 2 && counts.meanFull == 0)
      #expect(abs((counts.meanFraction ?? 1) - fraction) < 1e-3)
    }
  }
}
