import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct SharedLatentsTests {
  static func pair(_ a: Matrix, _ b: Matrix) throws -> DictionaryPair {
    try DictionaryPair(dictionary(a), dictionary(b, name: "b"), convention: .signed)
  }

  @Test func aLatentIsSharedIfBothMatchingsAgreeAboveTheThreshold() throws {
    // Of four latents one has another encoder partner, which takes that of a second, and one is too far.
    let axes = Matrix(
      rows: 4, columns: 4, values: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    let swapped = axes.selecting(rows: [1, 0, 2, 3])
    var tilted = swapped
    // cos = 0.6 for the last.
    (tilted[3, 3], tilted[3, 2], tilted[3, 0]) = (0.6, 0, 0.8)
    let same = SharedLatents(
      decoders: try Self.pair(axes, axes), encoders: try Self.pair(axes, axes), on: compute)
    #expect(same.fraction == 1 && same.gap == 0)
    let some = SharedLatents(
      decoders: try Self.pair(axes, axes), encoders: try Self.pair(axes, swapped), on: compute)
    #expect(some.pairs.map(\.first) == [2, 3] && some.fraction == 0.5)
    let fewer = SharedLatents(
      decoders: try Self.pair(axes, axes), encoders: try Self.pair(axes, tilted), on: compute)
    #expect(fewer.pairs.map(\.second) == [2] && fewer.fraction == 0.25)
    let looser = SharedLatents(
      decoders: try Self.pair(axes, axes), encoders: try Self.pair(axes, tilted), threshold: 0.5,
      on: compute)
    #expect(looser.fraction == 0.5)
  }

  @Test func latentsAreNamedByTheirIndexWhereSomeAreDead() throws {
    let a = gaussianRows(6, 16, seed: 1)
    let live = try dictionary(a, live: [1, 3, 5])
    var encoder = a
    for column in 0..<16 { encoder[3, column] = 0 }
    let encoded = try dictionary(encoder, live: [1, 3, 5])
    let shared = SharedLatents(
      decoders: try DictionaryPair(live, live, convention: .signed),
      encoders: try DictionaryPair(encoded, encoded, convention: .signed), on: compute)
    #expect(shared.pairs.map(\.first) == [1, 5] && shared.pairs.map(\.second) == [1, 5])
    #expect(abs(shared.fraction - 2.0 / 3) < 1e-12)
  }

  @Test func theNullKeepsHowEncodersResembleDecoders() throws {
    // With encoders equal to decoders both matchings agree; with unrelated ones hardly ever.
    let a = gaussianRows(60, 8, seed: 1)
    let b = gaussianRows(60, 8, seed: 2)
    let decoders = try Self.pair(a, b)
    func null(_ encoders: DictionaryPair, _ threshold: Float) throws -> NullStatistic {
      try SharedLatents.null(
        decoders: decoders, encoders: encoders, threshold: threshold, seed: 5, draws: 4,
        on: compute)
    }
    let tied = try null(decoders, -1)
    let loose = try null(Self.pair(gaussianRows(60, 8, seed: 7), gaussianRows(60, 8, seed: 8)), -1)
    #expect(tied.mean > 0.8 && loose.mean < 0.2)
    #expect(try null(decoders, 0.99).mean < 0.1)
    #expect(try null(decoders, -1) == tied)
  }

  @Test func aRealAgreementIsFarAboveItsNull() throws {
    let a = gaussianRows(80, 32, seed: 1)
    var b = a
    for (index, noise) in gaussianRows(80, 32, seed: 2).values.enumerated() {
      b.values[index] += 0.3 * noise
    }
    let pair = try Self.pair(a, b)
    let shared = SharedLatents(decoders: pair, encoders: pair, on: compute)
    let null = try SharedLatents.null(
      decoders: pair, encoders: pair, seed: 1, draws: 3, on: compute)
    #expect(shared.fraction > 0.95 && null.mean < 0.05)
  }
}
