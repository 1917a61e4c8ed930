import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The names in a folder; none where there is no folder.
func names(in folder: String) -> [String] {
  (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
}

/// Removes what a killed process left unfinished beside the files and folders of given names:
/// `NAME.tmp-PID` and `NAME.old-PID`, as `AtomicFile` and `AtomicFolder` call them.
///
/// - Parameter originals: The names; `nil` for those of every file.
func removeLeftovers(in folder: String, of originals: [String]? = nil) {
  for name in names(in: folder) where isLeftover(name, of: originals) {
    try? FileManager.default.removeItem(atPath: folder + "/" + name)
  }
}

/// Whether a name is that of something unfinished; see `removeLeftovers`.
func isLeftover(_ name: String, of originals: [String]? = nil) -> Bool {
  [".tmp-", ".old-"].contains { mark in
    guard let range = name.ranges(of: mark).last else { return false }
    return name[range.upperBound...].allSatisfy { $0.isNumber || $0 == "-" }
      && originals?.contains(String(name[..<range.lowerBound])) ?? true
  }
}

func makeFolder(_ path: String) throws(TensorFileError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw TensorFileError(
      path: path, found: "a folder that cannot be made", expected: "a place to write",
      hint: "check the path and its permissions")
  }
}
