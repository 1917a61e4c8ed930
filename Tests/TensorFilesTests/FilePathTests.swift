import Testing

@testable import TensorFiles

@Suite("paths") struct FilePathTests {
  @Test(
    "are taken apart as the system does",
    arguments: [
      ("a", ".", "a", ""), ("a.npy", ".", "a.npy", "npy"), ("/a/b.c.NPY/", "/a", "b.c.NPY", "npy"),
      ("/a", "/", "a", ""), ("/", "/", "/", ""), ("a//b", "a", "b", ""),
      ("a/.npy", "a", ".npy", ""),
      ("a/\u{301}b", "a", "\u{301}b", ""), ("./a", ".", "a", ""), ("a/b.", "a", "b.", ""),
    ])
  func takesApart(path: String, parent: String, name: String, fileExtension: String) {
    #expect(Array(FilePath.parent(path).utf8) == Array(parent.utf8))
    #expect(Array(FilePath.name(path).utf8) == Array(name.utf8))
    #expect(FilePath.fileExtension(path) == fileExtension)
  }

  @Test("a name from a file stays in its folder")
  func plainNames() {
    for name in ["a", "a.npy", "a b", "..a"] {
      #expect(FilePath.isPlainName(name) == (name != "..a"))
    }
    for name in ["", ".", "..", "a/b", "/a", "a\0", "a/\u{301}b"] {
      #expect(!FilePath.isPlainName(name))
    }
  }
}
