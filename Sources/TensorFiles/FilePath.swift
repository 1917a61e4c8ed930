/// Paths as text, taken apart and put together.
enum FilePath {
  /// The path without slashes at its end; the root stays itself.
  static func trimmed(_ path: String) -> String {
    var bytes = Substring(path).utf8
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return String(Substring(bytes))
  }

  /// The last part of the path.
  static func name(_ path: String) -> String {
    let path = trimmed(path)
    guard let slash = lastSlash(path), path != "/" else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The folder that holds the path; `.` for a bare name.
  static func parent(_ path: String) -> String {
    let path = trimmed(path)
    guard let slash = lastSlash(path) else { return "." }
    return slash == path.startIndex ? "/" : trimmed(String(path[..<slash]))
  }

  /// By bytes, as the system sees it: an accent after a slash makes another character of it.
  private static func lastSlash(_ path: String) -> String.Index? {
    path.utf8.lastIndex(of: UInt8(ascii: "/"))
  }

  /// The path of a name within a folder.
  static func join(_ folder: String, _ name: String) -> String {
    let folder = trimmed(folder)
    return folder == "/" ? "/" + name : folder + "/" + name
  }

  /// What follows the last dot of the name, in lower case; empty where there is none.
  static func fileExtension(_ path: String) -> String {
    let name = name(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Whether a name found in a file stays within its folder: a single part, not `.`, `..` or hidden.
  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains(UInt8(ascii: "/"))
      && !name.utf8.contains(0)
  }
}
