import Elute
import Foundation
import Testing

@testable import SparseExperiments

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("the demonstration as a command") struct DemoTests {
  /// A demonstration whose training is done, with dictionaries that nobody trained.
  private func trainedDemo(in place: Workspace) throws {
    let trained = try TrainedModularNetwork.bundled()
    let task = ModularAddition(modulus: trained.configuration.shape.modulus)
    let rows = trained.network.activations(
      at: ModularDemo.site, pairs: task.pairs, on: Compute(threads: 2))
    let site = ModularDemo.site.site(of: trained.configuration.shape)
    let plan = try ModularDemo.settings.resolved(site: site, rows: rows.rows)
    let run = try TrainingRun(plan, rows: rows, path: "a.npy", out: place.file("demo/run"))
    let host = RunRecord.Host(description: "", kernels: "", threads: 1)
    for seed in plan.seeds {
      var stream = RandomStream(seed: seed, name: "atoms")
      let atoms = Matrix(
        rows: plan.configuration.latents, columns: site.width,
        values: stream.gaussians(count: plan.configuration.latents * site.width))
      let folder = run.folder.seed(seed)
      try makeFolder(folder.path)
      try SAELensDictionary.write(
        SparseCoder(
          site: site, activation: plan.configuration.activation, encoder: atoms, decoder: atoms,
          encoderBias: [Float](repeating: 0, count: atoms.rows),
          decoderBias: [Float](repeating: 0, count: site.width)), to: folder.dictionary)
      let record = RunRecord(
        run: "run", seed: seed, dataSeed: seed, eluteVersion: eluteVersion,
        settings: .init(plan), data: run.data, host: host, seconds: 0, curve: [],
        evaluation: .init(
          rows: 1, fvu: 0, explainedVariance: 1, mse: 0, l0: 1, deadFraction: 0),
        firingDensities: [Float](repeating: 1, count: atoms.rows))
      try JSONFile.writeSealed(record, to: folder.record)
    }
    try JSONFile.writeSealed(
      RunDescription(plan: plan, data: run.data, host: host), to: run.folder.descriptionPath)
  }

  @Test(
    "interrupted while it compares, it ends at once and says so", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) throws {
    let place = try Workspace()
    try trainedDemo(in: place)
    let running = try Command.start(words("demo --out demo"), in: place)
    while !running.errorsSoFar.contains("\n4/4  comparing") { usleep(1000) }
    running.send(signal)
    let outcome = running.wait()
    #expect(outcome.ending == .exit(130))
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.hasSuffix(
        "chance\ninterrupted: run elute demo again to go on where it stopped\n"))
    #expect(!place.exists("demo/report.html"))
  }
}
