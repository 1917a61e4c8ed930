import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

/// The folder that `make interop` asks for, whose dictionaries it opens in SAELens.
private let interopFolder = getenv("ELUTE_INTEROP_FOLDER").map { String(cString: $0) }

@Suite("dictionaries for SAELens") struct InteropFolderTests {
  @Test(
    "a small dictionary of every kind, with rows, codes and reconstructions",
    .enabled(if: interopFolder != nil, "Scripts/interop.sh sets ELUTE_INTEROP_FOLDER"))
  func writes() throws {
    let folder = try #require(interopFolder)
    let compute = Compute()
    for sample in DictionarySample.all {
      let path = FilePath.join(folder, sample.testDescription)
      try SAELensDictionary.write(sample.coder, to: path, replacing: true)
      // The dictionary as it was before its input's bias was folded.
      let coder = sample.coder
      let rows = DictionarySample.rows(for: coder, count: 64)
      let codes = coder.encode(rows, on: compute)
      let decoded = coder.decode(codes, of: rows, on: compute)
      try SafetensorsFile.write(
        [
          NamedTensor("x", coder.inputs(of: rows)), NamedTensor("z", codes.dense),
          NamedTensor("y", decoded),
        ], to: FilePath.join(path, "expected.safetensors"))
    }
  }
}
