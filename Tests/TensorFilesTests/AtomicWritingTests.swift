import Glibc
import Testing

@testable import TensorFiles

@Suite("writing whole or not at all") struct AtomicWritingTests {
  private static let anError = TensorFileError(path: "p", found: "f", expected: "e")

  @Test("a file appears with its bytes, and replaces an older one")
  func writesFile() throws {
    let work = Workspace()
    for text in ["first", "second"] {
      try AtomicFile.write(text, to: work.file("f"))
      #expect(try bytes(of: work.file("f")) == Array(text.utf8))
      #expect(work.names == ["f"])
    }
    try AtomicFile.write(to: work.file("f")) { (writer) throws(TensorFileError) in
      try writer.write("a")
      try writer.write([0x62])
      try writer.write([UInt32(0x6463)].span.bytes)
      #expect(writer.written == 6)
    }
    #expect(try bytes(of: work.file("f")) == [0x61, 0x62, 0x63, 0x64, 0, 0])
  }

  @Test("an error on the way leaves the old file and nothing else")
  func removesTemporaryFile() throws {
    let work = Workspace()
    try AtomicFile.write("old", to: work.file("f"))
    let error = failure { () throws(TensorFileError) in
      try AtomicFile.write(to: work.file("f")) { (writer) throws(TensorFileError) in
        try writer.write("new")
        #expect(work.names.count == 2)
        throw Self.anError
      }
    }
    #expect(error == Self.anError)
    #expect(work.names == ["f"])
    #expect(try bytes(of: work.file("f")) == Array("old".utf8))
  }

  @Test("a full disk is one clear error")
  func reportsFullDisk() throws {
    var writer = FileWriter(
      OpenDescriptor(number: open("/dev/full", O_WRONLY)), path: "runs/a/training.safetensors")
    do throws(TensorFileError) {
      try writer.write([1, 2, 3])
      Issue.record("the write succeeded")
    } catch {
      #expect(
        error.description == "runs/a/training.safetensors: byte 0: found no space left on the "
          + "device, expected room for 3 bytes more")
      #expect(error.hint.contains("free some space"))
    }
  }

  @Test("two writers of one path do not meet in one temporary file")
  func writersDoNotMeet() throws {
    let work = Workspace()
    try AtomicFile.write(to: work.file("f")) { (outer) throws(TensorFileError) in
      try outer.write("outer")
      try AtomicFile.write("inner", to: work.file("f"))
    }
    #expect(try bytes(of: work.file("f")) == Array("outer".utf8))
    #expect(work.names == ["f"])
  }

  @Test("what is no file is not replaced by one")
  func refusesTargets() throws {
    let work = Workspace()
    let folder = work.makeFolder("folder")
    for path in [folder, "/dev/null", work.file("missing/f"), ""] {
      #expect(failure { () throws(TensorFileError) in try AtomicFile.write("", to: path) } != nil)
    }
    #expect(work.names == ["folder"])
  }

  @Test(
    "a folder appears whole; an empty one is taken over", arguments: ["new", "empty", "slash/"])
  func writesFolder(name: String) throws {
    let work = Workspace()
    if name == "empty" { _ = work.makeFolder(name) }
    try AtomicFolder.write(to: work.file(name)) { (temporary) throws(TensorFileError) in
      try AtomicFile.write("1", to: FilePath.join(temporary, "a"))
      mkdir(FilePath.join(temporary, "sub"), 0o777)
      try AtomicFile.write("2", to: FilePath.join(temporary, "sub/b"))
    }
    #expect(work.names == [FilePath.name(name)])
    #expect(try bytes(of: FilePath.join(work.file(name), "sub/b")) == Array("2".utf8))
  }

  @Test("a folder that holds something is replaced only on request")
  func replacesFolder() throws {
    let work = Workspace()
    let folder = work.makeFolder("folder")
    try AtomicFile.write("mine", to: FilePath.join(folder, "precious"))
    let error = failure { () throws(TensorFileError) in
      try AtomicFolder.write(to: folder) { _ throws(TensorFileError) in }
    }
    #expect(error?.description.contains("'precious'") == true)
    #expect(PathKind(of: FilePath.join(folder, "precious")) == .file)
    try AtomicFolder.write(to: folder, replacing: true) { (temporary) throws(TensorFileError) in
      try AtomicFile.write("new", to: FilePath.join(temporary, "other"))
    }
    #expect(try namesInFolder(folder) == ["other"])
    #expect(work.names == ["folder"])
  }

  @Test("an error on the way leaves the old folder and nothing else")
  func removesTemporaryFolder() throws {
    let work = Workspace()
    let folder = work.makeFolder("folder")
    work.write("mine", to: "folder/precious")
    let error = failure { () throws(TensorFileError) in
      try AtomicFolder.write(to: folder, replacing: true) { (temporary) throws(TensorFileError) in
        try AtomicFile.write("1", to: FilePath.join(temporary, "a"))
        throw TensorFileError(
          path: FilePath.join(temporary, "a"), found: "f", expected: "e")
      }
    }
    #expect(error?.path == FilePath.join(folder, "a"))
    #expect(work.names == ["folder"])
    #expect(try namesInFolder(folder) == ["precious"])
  }

  @Test("a link inside a replaced folder is removed, not followed")
  func followsNoLinks() throws {
    let work = Workspace()
    let outside = work.makeFolder("outside")
    work.write("mine", to: "outside/precious")
    let folder = work.makeFolder("folder")
    symlink(outside, FilePath.join(folder, "link"))
    try AtomicFolder.write(to: folder, replacing: true) { _ throws(TensorFileError) in }
    #expect(try namesInFolder(outside) == ["precious"])
    #expect(try namesInFolder(folder) == [])
  }

  @Test("a folder needs a name of its own", arguments: [".", "/", "..", "/tmp/."])
  func refusesNames(path: String) {
    let error = failure { () throws(TensorFileError) in
      try AtomicFolder.write(to: path, replacing: true) { _ throws(TensorFileError) in }
    }
    #expect(error?.expected == "the name of a folder to write")
  }

  @Test("pipes, devices, folders and missing files are not read", .timeLimit(.minutes(1)))
  func refusesToRead() throws {
    let work = Workspace()
    mkfifo(work.file("pipe"), 0o600)
    for path in [work.file("pipe"), work.path, work.file("missing"), "/dev/zero", "", "a\0b"] {
      #expect(failure { () throws(TensorFileError) in try SafetensorsFile.open(path) } != nil)
      #expect(failure { () throws(TensorFileError) in try NpyFile.open(path) } != nil)
      #expect(FileInspection.inspect(path).problems.count == 1)
    }
  }

  @Test("a size that no machine can hold is refused before anything is allocated")
  func refusesImpossibleSizes() throws {
    let work = Workspace()
    let elements = 1 << 41
    let header =
      #"{"a":{"dtype":"F32","shape":[\#(elements)],"data_offsets":[0,\#(elements * 4)]}}"#
    let start = safetensors(header)
    let path = work.write(start)
    // The file truthfully has the size, without taking up the space.
    try #require(truncate(path, start.count + elements * 4) == 0)
    let file = try SafetensorsFile.open(path)
    let error = failure { () throws(TensorFileError) in try file.floats(named: "a") }
    #expect(error?.expected == "no more than the memory for this process")
  }
}
