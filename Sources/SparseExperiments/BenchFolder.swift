import SparseCoding
public import SyntheticFeatures
public import TensorFiles

/// A Linear Representation Bench on disk: activations that train as any others, and beside them the truth.
///
///     DIR/store.json, activations-*.npy    the rows; of several sites in DIR/site-0, DIR/site-1, ...
///     DIR/features.npy                     [features, width], a feature a row; of several sites features-0.npy, ...
///     DIR/codes.safetensors                offsets [rows + 1], indices and values of the true codes, row by row
///     DIR/truth.json                       the settings that made them
public enum BenchFolder {
  /// The file that says how the data were made.
  public static let truthName = "truth.json"

  /// Writes the folder, whole or not at all.
  public static func write(
    _ bench: LinearRepresentationBench, to folder: String
  ) throws(TensorFileError) {
    guard bench.settings.sites > 1 else {
      try ActivationStore.write(
        bench, site: Site(name: "bench", width: bench.settings.width), to: folder
      ) { (folder) throws(TensorFileError) in
        try writeTruth(of: bench, to: folder)
      }
      return
    }
    try AtomicFolder.write(to: folder) { (folder) throws(TensorFileError) in
      for site in 0..<bench.settings.sites {
        try ActivationStore.write(
          bench.site(site), site: Site(name: "bench.\(site)", width: bench.settings.width),
          to: folder + "/site-\(site)")
      }
      try writeTruth(of: bench, to: folder)
    }
  }

  private static func writeTruth(
    of bench: LinearRepresentationBench, to folder: String
  ) throws(TensorFileError) {
    for (site, features) in bench.features.enumerated() {
      try NpyFile.write(
        features, to: folder + "/" + featuresName(site, of: bench.features.count))
    }
    let codes = bench.codes(ofRows: 0..<bench.rows)
    try SafetensorsFile.write(
      [
        NamedTensor(
          "offsets", shape: [codes.offsets.count], .integers(codes.offsets.map(Int64.init))),
        NamedTensor(
          "indices", shape: [codes.indices.count], .integers(codes.indices.map(Int64.init))),
        NamedTensor("values", shape: [codes.values.count], .floats(codes.values)),
      ], to: folder + "/codes.safetensors")
    try JSONFile.write(bench.settings, to: folder + "/" + truthName)
  }

  private static func featuresName(_ site: Int, of sites: Int) -> String {
    sites == 1 ? "features.npy" : "features-\(site).npy"
  }
}
