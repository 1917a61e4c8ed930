public import SparseCoding
public import TensorFiles

/// What is true of synthetic activations: the directions of their features at every site, and the codes of rows.
///
/// The folder is what `elute synthesize` writes, or has `features.npy` `[features, width]` alone.
public struct Truth: Sendable {
  /// The features, sites side by side, `[features, sum of widths]`.
  public let features: Matrix
  /// The codes of all rows; `nil` where the folder has none.
  public let codes: SparseCodes?
  let path: String

  /// Reads the truth in a folder.
  public init(_ folder: String) throws(TensorFileError) {
    path = folder
    let there = Set(names(in: folder))
    var sites: [Matrix] = []
    if there.contains("features.npy") {
      sites = [try NpyFile.open(folder + "/features.npy").matrix()]
    }
    while !there.contains("features.npy"), there.contains("features-\(sites.count).npy") {
      sites.append(try NpyFile.open(folder + "/features-\(sites.count).npy").matrix())
    }
    guard let count = sites.first?.rows, count > 0, sites.allSatisfy({ $0.rows == count }) else {
      throw TensorFileError(
        path: folder,
        found: sites.isEmpty ? "no features.npy" : "sites of different numbers of features",
        expected: "what elute synthesize writes", hint: "give the folder with features.npy")
    }
    features = Self.sideBySide(sites)
    if let place = features.values.firstIndex(where: { !$0.isFinite }) {
      throw TensorFileError(
        path: folder, location: .row(place / features.columns),
        found: "a feature with \(features.values[place])", expected: "finite numbers",
        hint: "synthesize the data anew")
    }
    let name = "codes.safetensors"
    codes = there.contains(name) ? try Self.codes(folder + "/" + name, features: count) : nil
  }

  /// The features of a bench, without codes.
  init(sites: [Matrix], path: String) {
    self.path = path
    features = Self.sideBySide(sites)
    codes = nil
  }

  /// The truth of some of the features.
  func selecting(features chosen: Range<Int>) -> Truth {
    Truth(sites: [features.selecting(rows: chosen)], path: path)
  }

  private static func sideBySide(_ sites: [Matrix]) -> Matrix {
    let (count, width) = (sites[0].rows, sites.reduce(0) { $0 + $1.columns })
    var values: [Float] = []
    values.reserveCapacity(count * width)
    for feature in 0..<count { for site in sites { values += site.row(feature) } }
    return Matrix(rows: count, columns: width, values: values)
  }

  private static func codes(
    _ path: String, features: Int
  ) throws(TensorFileError) -> SparseCodes {
    let file = try SafetensorsFile.open(path)
    let offsets = try file.integers(named: "offsets").map(Int.init)
    let indices = try file.integers(named: "indices")
    let values = try file.floats(named: "values")
    let isOrdered = offsets.first == 0 && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
    guard isOrdered, offsets.last == indices.count, values.count == indices.count,
      indices.allSatisfy({ (0..<Int64(features)).contains($0) })
    else {
      throw TensorFileError(
        path: path, found: "offsets, indices and values that do not fit each other",
        expected: "codes of \(features) features, row by row", hint: "synthesize the data anew")
    }
    return SparseCodes(
      latents: features, offsets: offsets, indices: indices.map(Int32.init), values: values)
  }
}
