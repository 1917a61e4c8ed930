import Elute
import Foundation
import Testing

@Suite("consensus") struct ConsensusCommandTests {
  /// A workspace with a run `r` of three seeds and a run `j` of two others.
  private func trained(_ flags: String = "") throws -> Workspace {
    let place = try Workspace.withActivations()
    let line = small + " --steps 300 " + (flags.isEmpty ? "" : flags + " ")
    try eluteSucceeds(line + "--out r --seeds 0,1,2", in: place)
    try eluteSucceeds(line + "--out j --seeds 7,8", in: place)
    return place
  }

  @Test("the folder is a dictionary, and its record says what it is worth beside its baselines")
  func endToEnd() throws {
    let place = try trained()
    let line = "consensus r --at-least 2 --refit-steps 40 --judge j --baseline r/seed-1"
    let json = try JSONOutput(eluteSucceeds(line + " --out c --json", in: place))
    let record = try Consensus.readRecord(place.file("c"))
    #expect(json.keys.isSuperset(of: ["sources", "candidates", "clusters_by_members", "members"]))
    #expect(place.names(in: "c") == ["cfg.json", "consensus.json", "sae_weights.safetensors"])

    #expect(record.sources.map(\.name) == ["r/seed-0", "r/seed-1", "r/seed-2"])
    #expect(record.clustersByMembers.count == 3)
    let live = record.sources.reduce(0) { $0 + $1.liveAtoms }
    #expect(
      record.clustersByMembers.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element } == live)
    #expect(record.qualified == record.clustersByMembers[1] + record.clustersByMembers[2])
    #expect(record.members.count == min(record.qualified, 48))
    #expect(record.members.allSatisfy { $0 >= 2 })
    #expect(record.choosingRows == 30 && record.measuredRows == 30)
    #expect(record.refitCosine > 0.8 && record.refitCosine < 1)

    let kinds = record.candidates.map(\.kind)
    #expect(kinds == [.consensus, .members, .distinctUnion, .union, .seeds, .baseline])
    #expect(record.candidates.map(\.dictionaries) == [1, 1, 1, 1, 3, 1])
    for candidate in record.candidates {
      #expect(candidate.atoms == Double(record.members.count))
      #expect(candidate.fvu > 0 && candidate.fvu < candidate.fvuBeforeRefit)
      #expect(candidate.l0 > 0 && candidate.l0 <= 4)
      let agreement = try #require(candidate.agreement)
      #expect(agreement.replications.count == 2)
      #expect((0...1).contains(agreement.replication) && agreement.interval != nil)
      #expect(agreement.chance < agreement.replication || candidate.kind == .union)
    }
    let own = record.candidates[0]
    // Copies of a few atoms neither reconstruct nor recur.
    #expect(own.fvu < record.candidates[3].fvu)
    #expect(
      try #require(own.agreement).replication > #require(record.candidates[3].agreement).replication
    )
    #expect(try #require(own.agreement).lead == nil)
    let union = try #require(record.candidates[3].agreement)
    let lead = try #require(own.agreement).replication - union.replication
    let found = try #require(union.lead)
    #expect(abs(found - lead) < 1e-12 && union.leadInterval?.count == 2)
    // The baseline is one of the seeds.
    #expect(abs(record.candidates[5].fvu - record.candidates[4].fvu) < 0.1)
    let shares = try #require(record.replicationByMembers)
    #expect(shares.count == 3 && shares[0] == nil && shares[2] != nil)

    // It opens as every other dictionary does, and codes as it was measured.
    let named = try NamedDictionary(place.file("c"))
    #expect(named.coder.latents == record.members.count && named.coder.activation == .topK(k: 4))
    let measured = try JSONOutput(
      eluteSucceeds("evaluate c --data acts.npy --holdout every:10 --json", in: place))
    let fvu = try #require(measured["fvu"].number)
    #expect(abs(fvu - own.fvu) < 0.1)
    try eluteSucceeds("compare c j --json", in: place)

    // The same bits again, whatever the threads.
    try eluteSucceeds(line + " --out d --threads 3", in: place)
    for name in ["cfg.json", "sae_weights.safetensors"] {
      #expect(try place.bytes("d/" + name) == place.bytes("c/" + name))
    }
    let text = try eluteSucceeds(line + " --out e", in: place)
    #expect(
      text.hasPrefix("consensus of 3 dictionaries with \(live) live atoms, signed cosines of 0.7 "))
    #expect(text.contains("\nall atoms by energy") && text.hasSuffix("\n-> e\n"))
  }

  @Test("where too many atoms recur, those that are missed least go")
  func pruned() throws {
    let place = try trained()
    let line = "consensus r --at-least 1 --refit-steps 0"
    try eluteSucceeds(line + " --out few --d-sae 10", in: place)
    try eluteSucceeds(line + " --out many --d-sae 1000", in: place)
    let few = try Consensus.readRecord(place.file("few"))
    let many = try Consensus.readRecord(place.file("many"))
    #expect(few.members.count == 10 && many.members.count == many.qualified)
    #expect(few.refitCosine == 1 && few.candidates[0].fvu == few.candidates[0].fvuBeforeRefit)
    #expect(few.judges.isEmpty && few.candidates[0].agreement == nil)
    #expect(few.replicationByMembers == nil)
    // What is chosen by what is missed reconstructs better than what is chosen by energy.
    #expect(few.candidates[0].fvu < few.candidates[3].fvu)
    // A dictionary is never made larger than it was.
    #expect(many.candidates[4].atoms == 48)
  }

  @Test("atoms that recur are kept, and the encoder alone learns to code on them")
  func keptAtoms() throws {
    let place = try trained()
    let line = "consensus r --at-least 2 --refit-steps 60 --out "
    try eluteSucceeds(line + "all", in: place)
    try eluteSucceeds(line + "kept --keep-atoms", in: place)
    let all = try Consensus.readRecord(place.file("all"))
    let kept = try Consensus.readRecord(place.file("kept"))
    #expect(kept.settings.keepAtoms && !all.settings.keepAtoms)
    #expect(kept.refitCosine > 1 - 1e-6 && all.refitCosine < 0.999)
    for (own, free) in zip(kept.candidates, all.candidates) {
      #expect(own.fvuBeforeRefit == free.fvuBeforeRefit && own.fvu < own.fvuBeforeRefit)
    }
    #expect(kept.candidates[0].fvu > all.candidates[0].fvu)
    try eluteSucceeds(small + " --tied --steps 30 --out t --seeds 0,1", in: place)
    #expect(
      try eluteRefuses("consensus t --at-least 1 --keep-atoms --out c", in: place) == """
        error: decoder_rate: found 0.0 with a tied encoder, expected a positive number
        hint: without --tied the encoder learns while the atoms stay

        """)
  }

  @Test(
    "other rules and units",
    arguments: [
      "--activation abstopk", "--activation batchtopk --normalize none",
      "--activation jumprelu --k 4 --target-l0 4", "--tied --normalize centered",
    ])
  func rules(_ flags: String) throws {
    let flags = flags.replacing("jumprelu --k 4", with: "jumprelu")
    let place = try Workspace.withActivations()
    let line = "train --data acts.npy --d-sae 48 --batch 64 --lr 0.003 --steps 300 --threads 1 "
    let k = flags.contains("jumprelu") ? "" : " --k 4"
    try eluteSucceeds(line + flags + k + " --out r --seeds 0,1,2", in: place)
    try eluteSucceeds("consensus r --at-least 2 --refit-steps 60 --out c", in: place)
    let record = try Consensus.readRecord(place.file("c"))
    let own = record.candidates[0]
    #expect(record.convention == (flags.contains("abstopk") ? "absolute" : "signed"))
    #expect(own.fvu < 0.6 && own.fvu < own.fvuBeforeRefit && own.l0 > 1 && own.l0 < 8)
    #expect(try NamedDictionary(place.file("c")).coder.latents == record.members.count)
  }

  @Test("what cannot be done is refused in words, and nothing is written")
  func refusals() throws {
    let place = try trained()
    try NpyFile.write(planted(seed: 5), to: place.file("other.npy"))
    try eluteSucceeds(small + " --out x --seeds 0,1 --multistep 2 --steps 5", in: place)
    try eluteSucceeds(small + " --out y --seeds 0,1 --k 3 --steps 5", in: place)
    try eluteSucceeds(small + " --out p --seeds 0,1 --spike-in 12 --steps 5", in: place)
    try place.copy("r/seed-0/dictionary", to: "alone")
    try place.copy("r/seed-1/dictionary", to: "too")
    try place.write("x", to: "full")
    for (line, words) in [
      (
        "r --at-least 4",
        "at_least: found 4, expected 1 to 3, the number of dictionaries\n"
          + "hint: half of them is a start; name more dictionaries for more"
      ),
      (
        "r --at-least 0",
        "at_least: found 0, expected 1 to 3, the number of dictionaries\n"
          + "hint: half of them is a start; name more dictionaries for more"
      ),
      (
        "r --at-least 2 --tau 1.5",
        "tau: found 1.5, expected a cosine above 0 and at most 1\nhint: 0.7 is the default"
      ),
      (
        "r --at-least 2 --refit-steps=-1",
        "refit_steps: found -1, expected at least 0\nhint: 0 means no refit"
      ),
      (
        "r --at-least 2 --d-sae 3",
        "d_sae: found 3, expected at least 4, as many as are active in a row\nhint: raise --d-sae"
      ),
      (
        "r/seed-0 --at-least 1",
        "consensus: found one dictionary, expected two or more\nhint: name a run of several seeds"
      ),
      (
        "alone too --at-least 1",
        "consensus: found dictionaries without a run, expected the folder of at least one in its "
          + "run, whose settings the refit takes\nhint: name what elute train wrote, such as runs/a"
      ),
      (
        "x --at-least 1",
        "multistep: found latents that feed each other, expected an encoder of one step\n"
          + "hint: elute compare says what such dictionaries have in common"
      ),
      (
        "p --at-least 1",
        "spike_in: found latents of planted directions, expected latents of the data alone\n"
          + "hint: elute compare says what such dictionaries have in common"
      ),
      (
        "r r/seed-2 --at-least 2",
        "consensus: found r/seed-2, which is r/seed-2, expected different dictionaries\n"
          + "hint: an atom that is counted twice recurs in nothing"
      ),
      (
        "r y --at-least 2",
        "consensus: found y/seed-0, topk of k 3, expected topk of k 4, as the run has\n"
          + "hint: name dictionaries of one method"
      ),
      (
        "r --at-least 2 --judge r/seed-1",
        "judge: found r/seed-1, which is r/seed-1, expected dictionaries that nothing was made of\n"
          + "hint: train some with other seeds: --resume --seeds extends a run"
      ),
      (
        "r --at-least 2 --data other.npy",
        "other.npy: found 600 other rows than those of the run, expected the 600 rows of acts.npy, "
          + "by their fingerprint in r/run.json\n"
          + "hint: give the data of the run; on others nothing would be held out"
      ),
    ] {
      #expect(
        try eluteRefuses("consensus \(line) --out c", in: place) == "error: \(words)\n", "\(line)")
    }
    #expect(
      try eluteRefuses("consensus r --at-least 2 --out r", in: place) == """
        error: r: found a folder with other files, expected a new or empty folder
        hint: choose another --out; nothing is overwritten

        """)
    let strict = try eluteRefuses("consensus r --at-least 3 --tau 0.9999 --out c", in: place)
    #expect(
      strict.hasPrefix("error: at_least: found 0 atoms that recur in 3 dictionaries or more,"))
    try place.copy("acts.npy", to: "moved.npy")
    try place.remove("acts.npy")
    #expect(
      try eluteRefuses("consensus r --at-least 2 --out c", in: place) == """
        error: acts.npy: found nothing there, expected the activations of the run
        hint: say where they are now with --data

        """)
    #expect(
      try eluteRefuses("consensus r --at-least 2 --out full/c --data moved.npy", in: place) == """
        error: full/c: found a folder that cannot be made, expected a place to write
        hint: check the path and its permissions

        """)
    try eluteSucceeds(
      "consensus r --at-least 2 --refit-steps 0 --out new/c --data moved.npy", in: place)
    #expect(place.names(in: "new") == ["c"])
  }
}
