import Identifiability
import RunRecords
public import TensorFiles

extension Certification {
  /// Writes `certificate.json`, `atoms.csv`, `pairs.csv` and a page to read, `certificate.html`, into a folder.
  public func write(to folder: String, page: String) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: folder) { (temporary) throws(TensorFileError) in
      try writeFiles(to: temporary, page: page)
    }
  }

  /// Writes several, each into a folder of its own, and a page that sets them side by side.
  public static func write(
    _ found: [(folder: String, certification: Certification, page: String)], overview: String,
    to folder: String
  ) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: folder) { (temporary) throws(TensorFileError) in
      for each in found {
        try makeFolder("\(temporary)/\(each.folder)")
        try each.certification.writeFiles(to: "\(temporary)/\(each.folder)", page: each.page)
      }
      try AtomicFile.write(overview, to: temporary + "/certificate.html")
    }
  }

  /// Folders for dictionaries: the last parts of their names, numbered where these are the same.
  public static func folders(of names: [String]) -> [String] {
    let last = names.map { name in
      name.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "dictionary"
    }
    guard Set(last).count < last.count || last.contains("certificate.html") else { return last }
    return last.enumerated().map { "\($0 + 1)-\($1)" }
  }

  private func writeFiles(to folder: String, page: String) throws(TensorFileError) {
    try JSONFile.write(record, to: folder + "/certificate.json")
    try AtomicFile.write(latents, to: folder + "/atoms.csv")
    try AtomicFile.write(pairs, to: folder + "/pairs.csv")
    try AtomicFile.write(page, to: folder + "/certificate.html")
  }

  /// For each latent what is known of it.
  private var latents: String {
    let all = (atoms + silent).sorted { $0.latent < $1.latent }
    return ([CertifiedAtom.heading] + all.map(\.line)).joined(separator: "\n") + "\n"
  }

  /// For every ordered pair with an `a` of 0.2 or more the latents, `a`, the cosine and the child's rows; see `CoFiring`.
  private var pairs: String {
    let lines = table.map { pair in
      "\(live[pair.child]),\(live[pair.parent]),\(Float(pair.share)),\(Float(pair.cosine)),\(pair.rows)"
    }
    return (["child,parent,share,cosine,child_rows"] + lines).joined(separator: "\n") + "\n"
  }
}
