import Elute
import Testing

@Suite("anchored runs") struct AnchorTests {
  /// Ten classes, and every eleventh row in none.
  private static let labels = (0..<600).map { Int64($0 * 7 % 11) - 1 }

  private func workspace() throws -> Workspace {
    let place = try Workspace.withActivations()
    let known = PlantedDictionary(width: 12, features: 24, active: 3, noise: 0.1).features
    try NpyFile.write(known, to: place.file("known.npy"))
    try NpyFile.write(
      .integers(Self.labels), shape: [Self.labels.count], to: place.file("labels.npy"))
    return place
  }

  @Test(
    "known directions and labels, from memory and read while training",
    arguments: [
      "known.npy --anchor-count 6", "labels.npy", "labels.npy --anchor-centered",
      "labels.npy --anchor-centered --anchor-count 2 --tied --normalize whitened",
    ])
  func streamed(_ anchors: String) throws {
    let place = try workspace()
    let run = small + " --seeds 0,1,2 --anchor-weight 3 --anchor-warmup 5 --anchors \(anchors)"
    try eluteSucceeds(run + " --out r", in: place)
    try eluteSucceeds(run + " --stream --threads 2 --out read", in: place)
    #expect(trained("read", in: place) == trained("r", in: place))
    try eluteSucceeds(small + " --seeds 0,1,2 --out plain", in: place)
    #expect(trained("plain", in: place) != trained("r", in: place))
    let fingerprints = try ["r", "read"].map {
      try RunFolder(place.file($0)).description().anchorFingerprint
    }
    #expect(fingerprints[0]?.count == 64 && fingerprints[0] == fingerprints[1])
    #expect(
      try eluteSucceeds("train --out r --resume --threads 1", in: place).hasPrefix(
        "nothing to do"))
  }

  @Test("more steps of an anchored run give the bits of a run of that length")
  func moreSteps() throws {
    let place = try workspace()
    let run = small + " --checkpoint-every 20 --anchors labels.npy"
    try eluteSucceeds(run + " --steps 120 --out fresh", in: place)
    try eluteSucceeds(run + " --steps 60 --out r", in: place)
    try eluteSucceeds("train --out r --resume --steps 120 --threads 1", in: place)
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "fresh/seed-0/dictionary"))
    try place.copy("known.npy", to: "other.npy")
    #expect(
      try eluteRefuses("train --out r --resume --anchors other.npy", in: place) == """
        error: r/run.json: key anchor_fingerprint: found a run with other anchors, those of \
        labels.npy, expected the same directions
        hint: give the anchors of that run, or another --out

        """)
  }

  @Test(
    "what cannot be anchored is refused before anything is written",
    arguments: [
      Refusal(
        "--anchors absent.npy", "error: absent.npy: found"),
      Refusal(
        "--anchors narrow.npy",
        """
        error: narrow.npy: found directions of 3, expected the width of a row, 12
        hint: directions are of the data's space

        """),
      Refusal(
        "--anchors few.npy",
        """
        error: few.npy: found 3 labels, expected 600, one for each row of the data
        hint: give a row without a class the label -1

        """),
      Refusal(
        "--anchors known.npy --d-sae 20",
        """
        error: anchors: found 24 directions in known.npy, expected at most d_sae, 20
        hint: raise d_sae, or take the first few with --anchor-count

        """),
      Refusal(
        "--anchors known.npy --anchor-weight 0",
        """
        error: anchor_weight: found 0.0, expected a number above 0
        hint: leave out --anchors to train without them

        """),
      Refusal(
        "--anchors known.npy --normalize unit_norm",
        """
        error: normalize: found unit_norm beside anchors, expected a normalization of all rows alike
        hint: a direction of the data is another one in each row that is scaled by itself; \
        unit_mean_square is the default

        """),
      Refusal(
        "--anchor-count 3",
        """
        error: anchors: found nothing, expected a file of directions or labels
        hint: add --anchors FILE, [anchors, d] or [rows]

        """),
    ])
  func refusals(_ refusal: Refusal) throws {
    let place = try workspace()
    try NpyFile.write(Matrix(rows: 2, columns: 3, repeating: 1), to: place.file("narrow.npy"))
    try NpyFile.write(.integers([1, 2, 3]), shape: [3], to: place.file("few.npy"))
    let errors = try eluteRefuses(small + " --out r " + refusal.line, in: place)
    #expect(errors.hasPrefix(refusal.errors), "\(errors)")
  }
}
