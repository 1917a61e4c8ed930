import Elute
import Testing

@Suite("same bits") struct SameBitsTests {
  /// 40 steps in which latents die, so that the auxiliary loss takes part.
  static let run = small + " --dead-after-rows 400 --snapshots 3 --checkpoint-every 15"

  @Test("whatever the number of threads and the kernels")
  func threadsAndKernels() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(Self.run + " --out one", in: place)
    let expected = trained("one", in: place)
    #expect(
      expected.keys.contains("seed-0/dictionary/sae_weights.safetensors")
        && expected.keys.contains("seed-0/checkpoints/00000040/training.safetensors")
        && expected.keys.contains("seed-0/snapshots/00000040/snapshot.safetensors"))
    for threads in [2, 3] {
      try eluteSucceeds(Self.run + " --threads \(threads) --out t\(threads)", in: place)
      #expect(trained("t\(threads)", in: place) == expected)
      #expect(
        try results(of: "t\(threads)/seed-0", in: place) == results(of: "one/seed-0", in: place))
    }
    for kernels in KernelSet.available {
      try eluteSucceeds(Self.run + " --kernels \(kernels) --out \(kernels)", in: place)
      #expect(trained("\(kernels)", in: place) == expected)
      #expect(
        try results(of: "\(kernels)/seed-0", in: place) == results(of: "one/seed-0", in: place))
      #expect(try place.record("\(kernels)/seed-0").host.kernels == kernels.rawValue)
    }
  }

  @Test("each seed alone or with others, in whatever order")
  func seeds() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(Self.run + " --seeds 7,0,3 --out together", in: place)
    for seed in [0, 3, 7] {
      try eluteSucceeds(Self.run + " --seeds \(seed) --out alone-\(seed)", in: place)
      #expect(
        place.contents(of: "alone-\(seed)/seed-\(seed)/dictionary")
          == place.contents(of: "together/seed-\(seed)/dictionary"))
      #expect(
        place.contents(of: "alone-\(seed)/seed-\(seed)/checkpoints")
          == place.contents(of: "together/seed-\(seed)/checkpoints"))
    }
    #expect(
      try place.bytes("together/seed-0/dictionary/sae_weights.safetensors")
        != place.bytes("together/seed-3/dictionary/sae_weights.safetensors"))
  }

  @Test("a shared order of rows is recorded, and is another run than each its own")
  func sharedOrder() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --seeds 0,1 --data-seed 0 --out shared", in: place)
    try eluteSucceeds(small + " --seeds 0,1 --out own", in: place)
    #expect(try place.record("shared/seed-1").dataSeed == 0)
    #expect(try place.record("own/seed-1").dataSeed == 1)
    // Seed 0 has the order 0 either way.
    #expect(
      try place.bytes("shared/seed-0/dictionary/sae_weights.safetensors")
        == place.bytes("own/seed-0/dictionary/sae_weights.safetensors"))
    #expect(
      try place.bytes("shared/seed-1/dictionary/sae_weights.safetensors")
        != place.bytes("own/seed-1/dictionary/sae_weights.safetensors"))
    let shared = try JSONOutput(eluteSucceeds("compare shared --json", in: place))["shared"]
    #expect(shared["data_order"].text == "same")
    #expect(shared["initialization"].text == "different")
    let own = try JSONOutput(eluteSucceeds("compare own --json", in: place))["shared"]
    #expect(own["data_order"].text == "different")
    #expect(
      try eluteSucceeds("compare shared", in: place).contains(
        "shared    initial weights different, order of rows same, data same\n"))
  }

  @Test("another seed, learning rate or order gives other bits")
  func otherRuns() throws {
    let place = try Workspace.withActivations()
    var seen: Set<[UInt8]> = []
    let variants = [
      "", " --seeds 1", " --lr 0.002", " --data-seed 9", " --k 5", " --schedule linear",
      " --warmup 5", " --beta2 0.99", " --clip 0.1", " --normalize none", " --holdout none",
      " --batch 65", " --encoder-scale 0.5", " --decoder-rate 0.5",
    ]
    for (index, variant) in variants.enumerated() {
      try eluteSucceeds(small + variant + " --out \(index)", in: place)
      let seed = variant == " --seeds 1" ? 1 : 0
      seen.insert(try place.bytes("\(index)/seed-\(seed)/dictionary/sae_weights.safetensors"))
    }
    #expect(seen.count == variants.count)
  }
}
