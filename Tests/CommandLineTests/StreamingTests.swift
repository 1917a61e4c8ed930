import Elute
import Foundation
import Testing

@Suite("rows read while training") struct StreamingTests {
  @Test("the same bits as from memory, for each seed alone and with others")
  func sameBits() throws {
    let place = try Workspace.withActivations()
    let run = SameBitsTests.run + " --seeds 0,1,2"
    for order in ["", " --data-seed 5"] {
      let name = order.isEmpty ? "own" : "shared"
      try eluteSucceeds(run + order + " --out \(name)", in: place)
      try eluteSucceeds(run + order + " --stream --threads 2 --out \(name)-read", in: place)
      #expect(trained("\(name)-read", in: place) == trained(name, in: place))
      for seed in 0..<3 {
        #expect(
          try results(of: "\(name)-read/seed-\(seed)", in: place)
            == results(of: "\(name)/seed-\(seed)", in: place))
      }
    }
  }

  @Test("the plan says what is read, how many seeds at once, and how long it takes")
  func plan() throws {
    let place = try Workspace.withActivations()
    let run = small + " --seeds 0,1,2 --data-seed 1 --stream --out r --plan"
    let plan = try JSONOutput(eluteSucceeds(run + " --json", in: place))
    #expect(plan["streamed"].number == 1)
    #expect(plan["seeds_at_once"].number == 3)
    #expect(try #require(plan["seconds"].number) > 0)
    let text = try eluteSucceeds(run, in: place)
    #expect(text.contains("read while training") && text.contains("3 at once"))
    #expect(!place.exists("r"))
  }

  @Test("rows that change on disk while training are an error, not other rows")
  func changed() throws {
    let place = try Workspace.withActivations()
    let started = try Command.start(
      words(small + " --steps 300000 --checkpoint-every 300000 --stream --out r"), in: place)
    for _ in 0..<1000 where !place.exists("r/seed-0/metrics.jsonl") { usleep(10_000) }
    try place.write(place.bytes("acts.npy").reversed(), to: "acts.npy")
    let outcome = started.wait()
    #expect(outcome.ending == .exit(2))
    #expect(outcome.errors.contains("acts.npy"), "\(outcome.errors)")
  }
}
