import SparseCoding
import Testing

@testable import DictionaryTraining

/// Latents that do not fire begin anew.
struct ResamplingTests {
  private static func state(_ compute: Compute) throws -> (TrainingState, Member) {
    let member = try #require(Member.all.first { $0.name == "relu autoencoder resample" })
    return (try member.state(compute), member)
  }

  @Test func itIsDueAtTheStepsThatTheSettingNames() {
    let rule = DeadLatents.resample(every: 5, count: 3)
    #expect((0..<40).filter { rule.resamples(before: $0) } == [5, 10, 15])
    #expect(!(0..<40).contains { DeadLatents.auxK().resamples(before: $0) })
  }

  @Test func deadLatentsBecomeDirectionsOfRowsAndNothingElseChanges() throws {
    let compute = Compute(threads: 1)
    var (before, member) = try Self.state(compute)
    for name in before.model.weights {
      before.firstMoments[name].values = before.firstMoments[name].values.map { _ in 1 }
      before.secondMoments[name].values = before.secondMoments[name].values.map { _ in 2 }
    }
    let rows = member.batch(compute, step: 0)
    var after = before
    after.resample(
      deadAfterRows: 300, from: rows, threshold: 0.1, seed: 4, compute: compute)
    let units = rows.normalized(
      by: before.normalizer, sites: before.model.architecture.siteColumns, compute)
    let lengths = (0..<before.model.latents).filter { before.rowsSinceFired[$0] < 300 }
      .map { length(before.parameters.encoder.row($0)) }
    let expected = 0.2 * lengths.reduce(0, +) / Double(lengths.count)
    for latent in 0..<before.model.latents {
      guard before.rowsSinceFired[latent] >= 300 else {
        #expect(after.parameters.decoder.row(latent) == before.parameters.decoder.row(latent))
        #expect(after.firstMoments.encoder.row(latent).allSatisfy { $0 == 1 })
        continue
      }
      let atom = after.parameters.decoder.row(latent).map(Double.init)
      #expect(abs(length(after.parameters.decoder.row(latent)) - 1) < 1e-6)
      #expect(abs(length(after.parameters.encoder.row(latent)) - expected) < 1e-6)
      #expect(after.parameters.encoderBias[latent] == 0 && after.rowsSinceFired[latent] == 0)
      #expect(after.firstMoments.decoder.row(latent).allSatisfy { $0 == 0 })
      #expect(after.secondMoments.encoder.row(latent).allSatisfy { $0 == 0 })
      let best = (0..<units.rows).map { row in
        let centered = zip(units.row(row), before.parameters.decoderBias).map { Double($0 - $1) }
        return dotProduct(centered, atom) / squared(centered).squareRoot()
      }.max()
      #expect(best ?? 0 > 1 - 1e-6)
    }
    #expect(after.firstMoments[.decoderBias] == before.firstMoments[.decoderBias])
    var again = after
    again.resample(deadAfterRows: 300, from: rows, threshold: 0.1, seed: 4, compute: compute)
    #expect(again == after)
  }

  /// Rows are drawn in proportion to their squared loss: where one row alone is badly reconstructed, all
  /// dead latents take its direction.
  @Test func badlyReconstructedRowsAreTaken() throws {
    let compute = Compute(threads: 1)
    var (state, member) = try Self.state(compute)
    var matrix = Member.matrix(compute, member.configuration.architecture)
    for column in 0..<matrix.columns { matrix[3, column] = column == 2 ? 1e4 : 0 }
    state.resample(
      deadAfterRows: 300, from: Batch(source: matrix, rows: Array(0..<160)[...]), threshold: 0.1,
      seed: 4, compute: compute)
    for latent in stride(from: 2, to: state.model.latents, by: 3) {
      #expect(abs(state.parameters.decoder[latent, 2]) > 0.99)
    }
  }

  private func length(_ row: ArraySlice<Float>) -> Double {
    squared(row.map(Double.init)).squareRoot()
  }
}
