import Elute
import Testing

@testable import SparseExperiments

/// The beginning of the demonstration; the whole of it takes too long for a test.
@Suite("the demonstration") struct ModularDemoTests {
  @Test("it tells its stages, trains on the network's activations, stops when asked and goes on")
  func begins() throws {
    let place = try Place()
    let demo = ModularDemo(out: place.file("demo"))
    for expectedStep in [1, 2] {
      var stages: [(stage: ModularDemo.Stage, text: String)] = []
      var steps: [Int] = []
      let content = try demo.run(
        compute: Compute(threads: 2), stage: { stages.append(($0, $1)) }
      ) {
        steps.append($0.step)
        return .stop
      }
      #expect(content == nil)
      #expect(steps == [expectedStep])
      #expect(stages.map(\.stage) == [.network, .activations, .training])
      #expect(stages[0].text.contains("a + b mod 113 for 100.0 % of"))
      #expect(stages[1].text.contains("12769 rows of width 128"))
    }
    let store = try ActivationStore.open(place.file("demo/activations.npy"))
    #expect(store.rows == 113 * 113)
    #expect(store.width == 128)
    #expect(place.names(in: "demo/run") == [".lock", "run.json", "seed-0"])
  }

  @Test("its settings are those of a run, and the page names what it compares")
  func settings() throws {
    let plan = try ModularDemo.settings.resolved(
      site: Site(name: "here", width: 128), rows: 113 * 113)
    #expect(plan.seeds.count > 2, "intervals take three seeds")
    #expect(plan.snapshots > 1)
    #expect(ModularDemo(out: "d").reportPath == "d/report.html")
  }
}
