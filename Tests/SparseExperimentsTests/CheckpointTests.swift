import Elute
import Testing

@testable import SparseExperiments

@Suite("checkpoints") struct CheckpointTests {
  /// A state after some steps, in which no two parts are alike.
  static func state(step: Int) throws -> TrainingState {
    let rows = TrainingRows(planted, holdOut: .none)
    var trainer = try Trainer(plan().configuration(seed: 5), rows: rows, compute: oneThread)
    for _ in 0..<min(step, 3) { _ = try trainer.advance() }
    var state = trainer.state()
    state.step = step
    state.rowsSinceFired[1] = .max
    return state
  }

  @Test("a state is the same after it was written and read")
  func roundTrip() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.file("checkpoints"))
    let state = try Self.state(step: 3)
    #expect(state.beta1Power < 1 && state.normalizer.uniformScale != 1)
    try checkpoints.write(state.view, keeping: nil)
    #expect(try checkpoints.read(plan().configuration, step: 3) == state)
    #expect(place.names(in: "checkpoints") == ["00000003"])
    #expect(place.names(in: "checkpoints/00000003") == ["state.json", "training.safetensors"])
  }

  @Test("the newest two are kept, and the one at which the decay begins")
  func kept() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.file("checkpoints"))
    for step in [10, 20, 30, 40, 50] {
      try checkpoints.write(Self.state(step: step).view, keeping: 20)
      #expect(checkpoints.steps().first == step)
    }
    #expect(checkpoints.steps() == [50, 40, 20])
    try checkpoints.write(Self.state(step: 60).view, keeping: nil)
    #expect(checkpoints.steps() == [60, 50])
    checkpoints.remove(after: 55)
    #expect(checkpoints.steps() == [50])
    // Steps of more than eight digits still count by value.
    try checkpoints.write(Self.state(step: 123_456_789).view, keeping: nil)
    #expect(checkpoints.steps() == [123_456_789, 50])
  }

  @Test("what a killed process left is no checkpoint, and is removed")
  func leftovers() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.path)
    try checkpoints.write(Self.state(step: 10).view, keeping: nil)
    for name in ["00000020.tmp-77", "00000010.old-77", "00000020.tmp-77-3"] {
      try place.copy("00000010", to: name)
    }
    for name in ["notes", "00000030.tmp", "a.tmp-b"] { try place.write("x", to: name) }
    #expect(checkpoints.steps() == [10])
    removeLeftovers(in: place.path)
    #expect(place.names() == ["00000010", "00000030.tmp", "a.tmp-b", "notes"])
    try place.write("x", to: "run.json.tmp-5")
    try place.write("x", to: "other.tmp-5")
    removeLeftovers(in: place.path, of: ["run.json"])
    #expect(place.names() == ["00000010", "00000030.tmp", "a.tmp-b", "notes", "other.tmp-5"])
  }

  @Test("whatever bit of state.json is flipped, it is refused or says the same")
  func flippedSeal() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.path)
    let state = try Self.state(step: 3)
    try checkpoints.write(state.view, keeping: nil)
    let name = "00000003/state.json"
    let whole = place.bytes(name)
    var refused = 0
    for bit in 0..<8 * whole.count {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      try place.write(flipped, to: name)
      do {
        #expect(try checkpoints.read(plan().configuration, step: 3) == state)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 7 * whole.count)
  }

  @Test("a flipped bit of the tensors, and those of another step, are refused")
  func damaged() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.path)
    try checkpoints.write(Self.state(step: 3).view, keeping: nil)
    try checkpoints.write(Self.state(step: 2).view, keeping: nil)
    let name = "00000003/training.safetensors"
    let whole = place.bytes(name)
    for bit in stride(from: 0, to: 8 * whole.count, by: 4001) {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      try place.write(flipped, to: name)
      let error = #expect(throws: TensorFileError.self) {
        try checkpoints.read(plan().configuration, step: 3)
      }
      #expect(error?.path == place.file(name))
    }
    try place.write(Array(whole.dropLast()), to: name)
    #expect(throws: TensorFileError.self) { try checkpoints.read(plan().configuration, step: 3) }
    try place.write(place.bytes("00000002/training.safetensors"), to: name)
    #expect(throws: TensorFileError.self) { try checkpoints.read(plan().configuration, step: 3) }
    try place.copy("00000002", to: "00000004")
    let error = #expect(throws: TensorFileError.self) {
      try checkpoints.read(plan().configuration, step: 4)
    }
    #expect(error?.expected.contains("of step 2") == true)
  }

  @Test("tensors that lie about their shapes are refused even with the right digest")
  func wrongShapes() throws {
    let place = try Place()
    let tensors = try Self.state(step: 3).view.tensors
    let file = place.file("training.safetensors")
    func refused(_ changed: [NamedTensor]) throws {
      try SafetensorsFile.write(changed, to: file)
      let opened = try SafetensorsFile.open(file)
      #expect(throws: TensorFileError.self) {
        try TrainingState(opened, plan().configuration, step: 3)
      }
    }
    try SafetensorsFile.write(tensors, to: file)
    #expect(
      try TrainingState(SafetensorsFile.open(file), plan().configuration, step: 3)
        == Self.state(step: 3))
    for index in tensors.indices {
      var missing = tensors
      missing.remove(at: index)
      try refused(missing)
      var shorter = tensors
      let name = tensors[index].name
      switch tensors[index].values {
      case .padded(let buffer, let rows, let columns) where tensors[index].shape.count == 2:
        shorter[index] = NamedTensor(name, buffer, rows: rows - 1, columns: columns)
      case .padded(let buffer, _, let columns):
        shorter[index] = NamedTensor(name, .padded(buffer, rows: 1, columns: columns - 1))
      case .floats(let values): shorter[index] = NamedTensor(name, .floats(values + [0]))
      case .doubles(let values): shorter[index] = NamedTensor(name, .doubles(values + [0]))
      case .unsignedIntegers(let values):
        shorter[index] = NamedTensor(name, .unsignedIntegers(values + [0]))
      default: continue
      }
      try refused(shorter)
    }
  }
}

@Suite("snapshots") struct SnapshotTests {
  @Test("a decoder and its densities are the same after they were written and read")
  func roundTrip() throws {
    let place = try Place()
    let decoder = matrix([[1, 0], [0.5, -0.5], [0, 2]])
    for step in [0, 7, 100] {
      try Snapshot(step: step, decoder: decoder, densities: [0.5, 0, 0.25]).write(to: place.path)
    }
    #expect(Snapshot.steps(in: place.path) == [0, 7, 100])
    let read = try Snapshot(step: 7, in: place.path)
    #expect(read.decoder == decoder)
    #expect(read.densities == [0.5, 0, 0.25])
    #expect(read.live == [0, 2])
    Snapshot.remove(after: 7, in: place.path)
    #expect(Snapshot.steps(in: place.path) == [0, 7])
    #expect(Snapshot.steps(in: place.file("nothing")) == [])
  }

  @Test("a flipped bit of a snapshot's tensors is refused")
  func damaged() throws {
    let place = try Place()
    try Snapshot(step: 7, decoder: matrix([[1, 0], [0.5, -0.5]]), densities: [0.5, 0])
      .write(to: place.path)
    let name = "00000007/snapshot.safetensors"
    let whole = place.bytes(name)
    for bit in 0..<8 * whole.count {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      try place.write(flipped, to: name)
      let error = #expect(throws: TensorFileError.self) { try Snapshot(step: 7, in: place.path) }
      #expect(error?.path == place.file(name))
    }
  }

  @Test("densities of another number of latents are refused")
  func mismatch() throws {
    let place = try Place()
    try Snapshot(step: 1, decoder: matrix([[1, 0], [0, 1]]), densities: [1]).write(to: place.path)
    #expect(throws: TensorFileError.self) { try Snapshot(step: 1, in: place.path) }
  }
}
