import Elute
import Testing

@testable import SparseExperiments

/// Directions read from files and made of labels, and runs that keep their first latents near them.
@Suite("anchors of a run") struct AnchorTests {
  /// Six rows, of which the first is held out.
  private static let data = matrix([[100, -50], [1, 0], [1, 2], [9, 9], [0, 4], [0, 2]])
  private static let labels: [Int64] = [7, 2, 2, -1, 5, 5]

  private func configuration(_ width: Int = 2, latents: Int = 24) -> TrainingConfiguration {
    TrainingConfiguration(
      site: Site(name: "here", width: width), latents: latents, activation: .topK(k: 1),
      batchRows: 2,
      steps: 1)
  }

  /// The directions of a file for some rows.
  private func directions(
    _ path: String, _ data: Matrix = data, holdOut: HoldOut = .every(rows: 10),
    count: Int? = nil, isCentered: Bool = false, of configuration: TrainingConfiguration? = nil
  ) throws -> Matrix {
    let rows = TrainingRows(data, holdOut: holdOut)
    var directions = try AnchorDirections(
      AnchorSource(path: path, count: count, isCentered: isCentered), rows: rows,
      configuration: configuration ?? self.configuration())
    // Row after row: how many come at once must not show.
    for row in 0..<data.rows {
      Array(data.row(row)).withUnsafeBufferPointer { directions.add(row, $0) }
    }
    return try directions.finish()
  }

  private func write(_ labels: [Int64], to path: String) throws {
    try NpyFile.write(.integers(labels), shape: [labels.count], to: path)
  }

  @Test("a file's directions are taken as they are, the first of them if so many are asked for")
  func given() throws {
    let place = try Place()
    let all = matrix([[3, 4], [0, -2], [1, 1]])
    try NpyFile.write(all, to: place.file("a.npy"))
    try SafetensorsFile.write([NamedTensor("known", all)], to: place.file("a.safetensors"))
    for name in ["a.npy", "a.safetensors"] {
      #expect(try directions(place.file(name)) == all)
      #expect(try directions(place.file(name), count: 2) == all.selecting(rows: 0..<2))
    }
  }

  /// What the labels give: how many classes are asked for, whether they are centred, which rows are held
  /// out, and the directions.
  private static let classes: [(Int?, Bool, HoldOut, [[Float]])] = [
    (nil, false, .every(rows: 10), [[0.707107, 0.707107], [0, 1]]),
    // The classes' means are (1, 1) and (0, 3), that of their four rows is (0.5, 2).
    (nil, true, .every(rows: 10), [[0.447214, -0.894427], [-0.447214, 0.894427]]),
    // The centre is that of all classes, also of those that are not taken.
    (1, true, .every(rows: 10), [[0.447214, -0.894427]]),
    // With the row of class 7 trained on, there is one direction more.
    (nil, false, .none, [[0.707107, 0.707107], [0, 1], [0.894427, -0.447214]]),
  ]

  @Test("labels become the unit means of their classes, without held-out rows", arguments: classes)
  func classMeans(_ count: Int?, _ isCentered: Bool, _ holdOut: HoldOut, _ expected: [[Float]])
    throws
  {
    let place = try Place()
    try write(Self.labels, to: place.file("l.npy"))
    let found = try directions(
      place.file("l.npy"), holdOut: holdOut, count: count, isCentered: isCentered)
    #expect(found.rows == expected.count)
    for (a, b) in zip(found.values, expected.flatMap(\.self)) { #expect(abs(a - b) < 1e-6) }
  }

  @Test(
    "what makes no directions is refused with what was found and what was expected",
    arguments: [
      ("wide", "directions of 3", "the width of a row, 2"),
      ("nan", "a number that is not finite in direction 1", "finite numbers"),
      ("zero", "zeros alone in direction 1", "a direction"),
      ("none", "no directions", "at least one"),
      ("cube", "float32 of the shape [1, 2, 2]", "floats [anchors, 2] or integers [6]"),
      ("short", "5 labels", "6, one for each row of the data"),
      ("square", "int64 of the shape [6, 1]", "floats [anchors, 2] or integers [6]"),
      ("unlabelled", "no classes of rows that train", "at least one"),
      ("flat", "zeros alone in class 3", "a direction"),
    ])
  func refusals(_ name: String, _ found: String, _ expected: String) throws {
    let place = try Place()
    let path = place.file(name + ".npy")
    var isCentered = false
    switch name {
    case "wide": try NpyFile.write(matrix([[1, 2, 3]]), to: path)
    case "nan": try NpyFile.write(matrix([[1, 2], [.nan, 1]]), to: path)
    case "zero": try NpyFile.write(matrix([[1, 2], [0, 0]]), to: path)
    case "none": try NpyFile.write(Matrix(rows: 0, columns: 2), to: path)
    case "cube": try NpyFile.write(.floats([1, 2, 3, 4]), shape: [1, 2, 2], to: path)
    case "short": try write([0, 1, 2, 0, 1], to: path)
    case "square": try NpyFile.write(.integers(Self.labels), shape: [6, 1], to: path)
    // Of the only class every row is held out.
    case "unlabelled": try write([3, -1, -1, -1, -1, -1], to: path)
    default:
      // The mean of the only class is the centre.
      try write([-1, 3, 3, -1, 3, 3], to: path)
      isCentered = true
    }
    let error = #expect(throws: TensorFileError.self) {
      try directions(path, isCentered: isCentered)
    }
    #expect(error?.path == path)
    #expect(error?.found == found)
    #expect(error?.expected == expected)
    #expect(error?.hint.isEmpty == false)
  }

  @Test("a transcoder's part of zeros, and sites' widths, are named")
  func sites() throws {
    let place = try Place()
    let path = place.file("a.npy")
    let data = matrix([[1, 2, 3, 4], [5, 6, 7, 8]])
    let (x, y) = (Site(name: "x", width: 2), Site(name: "y", width: 2))
    let configuration = TrainingConfiguration(
      architecture: .transcoder(input: x, output: y, skip: false), latents: 8,
      activation: .topK(k: 1), batchRows: 2, steps: 1)
    for (row, part) in [([0, 0, 1, 1], "read"), ([1, 1, 0, 0], "reconstructed")]
      as [([Float], String)]
    {
      try NpyFile.write(matrix([row]), to: path)
      let error = #expect(throws: TensorFileError.self) {
        try directions(path, data, of: configuration)
      }
      #expect(error?.found == "zeros alone in direction 0, in the columns that are \(part)")
    }
    try NpyFile.write(matrix([[1, 1]]), to: path)
    let error = #expect(throws: TensorFileError.self) {
      try directions(path, data, of: configuration)
    }
    #expect(error?.hint == "the columns of all sites stand side by side")
  }

  @Test("too many, or a centre for what is not labelled, are refused by the setting's name")
  func settingsRefused() throws {
    let place = try Place()
    try NpyFile.write(matrix([[3, 4], [0, -2], [1, 1]]), to: place.file("a.npy"))
    try write(Self.labels, to: place.file("l.npy"))
    func key(_ body: () throws -> Matrix) -> String? {
      do {
        _ = try body()
        return nil
      } catch { return (error as? ConfigurationError)?.key }
    }
    let small = configuration(latents: 2)
    #expect(key { try directions(place.file("a.npy"), of: small) } == "anchors")
    #expect(key { try directions(place.file("a.npy"), count: 2, of: small) } == nil)
    #expect(key { try directions(place.file("a.npy"), count: 4) } == "anchor_count")
    #expect(key { try directions(place.file("l.npy"), count: 3) } == "anchor_count")
    #expect(key { try directions(place.file("a.npy"), isCentered: true) } == "anchor_centered")
    func refused(_ change: (inout TrainSettings) -> Void) -> String? {
      do {
        _ = try plan(change)
        return nil
      } catch { return (error as? ConfigurationError)?.key }
    }
    func anchored(_ change: (inout TrainSettings) -> Void) -> String? {
      refused {
        $0.anchors = "a.npy"
        change(&$0)
      }
    }
    #expect(anchored { _ in } == nil)
    #expect(anchored { $0.anchorWeight = 0 } == "anchor_weight")
    #expect(anchored { $0.anchorWeight = -1 } == "anchor_weight")
    #expect(anchored { $0.anchorWeight = .nan } == "anchor_weight")
    #expect(anchored { $0.anchorCount = 0 } == "anchor_count")
    #expect(anchored { $0.anchorCount = 25 } == "anchor_count")
    #expect(anchored { $0.anchorWarmup = -1 } == "anchor_warmup")
    for name in ["unit_norm", "layer_norm"] {
      #expect(anchored { $0.normalize = name } == "normalize")
    }
    #expect(refused { $0.anchorWeight = 1 } == "anchors")
    #expect(refused { $0.anchorWarmup = 1 } == "anchors")
    #expect(refused { $0.anchorCount = 1 } == "anchors")
    #expect(refused { $0.anchorCentered = true } == "anchors")
  }

  // MARK: Runs

  private static let features = PlantedDictionary(width: 8, features: 16, active: 2, noise: 0.1)
    .features

  private func anchored(
    by path: String, _ change: (inout TrainSettings) -> Void = { _ in }
  ) throws -> RunPlan {
    try SparseExperimentsTests.plan {
      $0.anchors = path
      $0.anchorCount = 5
      $0.anchorWeight = 2
      change(&$0)
    }
  }

  private func train(
    _ plan: RunPlan, in place: Place, _ name: String = "r", stopAt stop: Int? = nil
  ) throws {
    let run = try TrainingRun(plan, rows: planted, path: "p.npy", out: place.file(name))
    _ = try run.train(resume: true, compute: oneThread) { now in
      now.step == stop ? .stop : .goOn
    }
  }

  private func bits(_ place: Place, _ name: String) -> [[UInt8]] {
    ["dictionary/sae_weights.safetensors", "checkpoints/00000060/training.safetensors"].map {
      place.bytes("\(name)/seed-0/\($0)")
    }
  }

  @Test("stopped, an anchored run goes on with the same bits", arguments: [false, true])
  func resumed(_ isTied: Bool) throws {
    let place = try Place()
    try NpyFile.write(Self.features, to: place.file("a.npy"))
    let plan = try anchored(by: place.file("a.npy")) { $0.tied = isTied }
    try train(plan, in: place, "whole")
    try train(plan, in: place, stopAt: 25)
    try train(plan, in: place)
    #expect(bits(place, "r") == bits(place, "whole"))
    #expect(bits(place, "r").allSatisfy { !$0.isEmpty })
    let checkpoint = try SafetensorsFile.open(
      place.file("r/seed-0/checkpoints/00000060/training.safetensors"))
    let kept = try checkpoint.matrix(named: "anchors.W_dec")
    #expect(kept.rows == 5)
    for row in 0..<5 {
      let cosine = zip(kept.row(row), Self.features.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(cosine > 0.9999)
    }
    #expect(try checkpoint.matrix(named: "anchors.W_enc").rows == (isTied ? 0 : 5))
    // Without anchors there is another dictionary.
    try train(SparseExperimentsTests.plan { $0.tied = isTied }, in: place, "plain")
    #expect(bits(place, "plain")[0] != bits(place, "whole")[0])
  }

  @Test("other anchors are refused when a run is resumed; the same from another file are not")
  func fingerprint() throws {
    let place = try Place()
    try NpyFile.write(Self.features, to: place.file("a.npy"))
    try SafetensorsFile.write([NamedTensor("t", Self.features)], to: place.file("b.safetensors"))
    var other = Self.features
    other[4, 7] += 0.01
    try NpyFile.write(other, to: place.file("c.npy"))
    // The sixth and later ones are not taken.
    other = Self.features
    other[5, 0] += 0.01
    try NpyFile.write(other, to: place.file("d.npy"))
    try train(anchored(by: place.file("a.npy")), in: place, "whole")
    try train(anchored(by: place.file("a.npy")), in: place, stopAt: 25)
    let description = try RunFolder(place.file("r")).description()
    #expect(description.anchorFingerprint?.count == 64)
    #expect(description.plan == (try anchored(by: place.file("a.npy"))))
    let before = place.names(in: "r/seed-0/checkpoints")
    let error = #expect(throws: TensorFileError.self) {
      try train(anchored(by: place.file("c.npy")), in: place)
    }
    #expect(error?.location == .key("anchor_fingerprint"))
    #expect(error?.found == "a run with other anchors, those of \(place.file("a.npy"))")
    let missing = #expect(throws: ConfigurationError.self) {
      try train(SparseExperimentsTests.plan(), in: place)
    }
    #expect(missing?.key == "anchor_weight")
    for (key, change) in [
      ("anchor_count", { $0.anchorCount = 4 }), ("anchor_weight", { $0.anchorWeight = 3 }),
      ("anchor_warmup", { $0.anchorWarmup = 3 }),
    ] as [(String, (inout TrainSettings) -> Void)] {
      let error = #expect(throws: ConfigurationError.self) {
        try train(anchored(by: place.file("a.npy"), change), in: place)
      }
      #expect(error?.key == key)
    }
    #expect(place.names(in: "r/seed-0/checkpoints") == before)
    try train(anchored(by: place.file("b.safetensors")), in: place, stopAt: 40)
    try train(anchored(by: place.file("d.npy")), in: place)
    #expect(bits(place, "r") == bits(place, "whole"))
  }

  @Test("a seed that goes on keeps the anchors of its checkpoint; damaged ones are refused")
  func checkpointsAnchors() throws {
    let place = try Place()
    try NpyFile.write(Self.features, to: place.file("a.npy"))
    let plan = try anchored(by: place.file("a.npy"))
    try train(plan, in: place, stopAt: 25)
    let checkpoints = Checkpoints(folder: place.file("r/seed-0/checkpoints"))
    let state = try checkpoints.read(plan.configuration, step: 25)
    #expect(state.anchors?.count == 5)
    #expect(state.anchors?.encoder == state.anchors?.decoder)
    var tied = plan.configuration
    tied.encoder = .tied
    let error = #expect(throws: TensorFileError.self) { try checkpoints.read(tied, step: 25) }
    #expect(error?.location == .tensor("anchors.W_enc"))
    var small = plan.configuration
    small.latents = 4
    #expect(throws: TensorFileError.self) { try checkpoints.read(small, step: 25) }
  }
}
