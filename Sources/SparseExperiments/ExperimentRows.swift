import AlgorithmicTransformer
import DictionaryTraining
import RunRecords
import SparseCoding
import SyntheticFeatures
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Rows in memory, and what they are called.
struct LoadedRows {
  var name, path, fingerprint: String
  var rows: Matrix
  /// What is true of them, where they are synthetic.
  var truth: Truth?
  /// What a second stage rebuilds: the rows with it beside them, and its site.
  var stage: (rows: Matrix, target: Site)?

  /// The fingerprint of the features; `nil` without a truth.
  var truthFingerprint: String? { truth.map { ActivationFingerprint.of($0.features) } }
}

/// What is known of data before they are read.
enum DataShape {
  case present([Site], rows: Int)
  case absent(String)
}

extension ExperimentRun {
  /// The sites and rows of data, if they are at hand.
  func shape(of name: String) throws -> DataShape {
    guard let source = experiment.data[name] else { return .absent("") }
    if source.builtIn != nil {
      let network = try TrainedModularNetwork.bundled().configuration.shape
      return .present(
        [ModularDemo.site.site(of: network)], rows: network.modulus * network.modulus)
    }
    if let bench = source.bench {
      let sites = (0..<bench.sites).map { Site(name: "bench.\($0)", width: bench.width) }
      return .present(
        source.role == .stages ? Array(sites.prefix(1)) : sites, rows: bench.rows)
    }
    guard let dataFolder else { return .absent("--data is not given; \(source.about)") }
    for file in source.files + [source.truth].compactMap({ $0 })
    where !FileManager.default.fileExists(atPath: "\(dataFolder)/\(file)") {
      return .absent("\(dataFolder) has no \(file); \(source.about)")
    }
    let stores = try AlignedStores.open(source.files.map { "\(dataFolder)/\($0)" })
    return .present(stores.sites, rows: stores.rows)
  }

  /// The rows of data, and what is true of them.
  func load(_ name: String, compute: Compute) throws -> LoadedRows? {
    guard let source = experiment.data[name] else { return nil }
    var loaded: LoadedRows
    if source.builtIn != nil {
      let trained = try TrainedModularNetwork.bundled()
      let pairs = ModularAddition(modulus: trained.configuration.shape.modulus).pairs
      loaded = LoadedRows(
        name: name, path: Experiment.builtIn, fingerprint: "",
        rows: trained.network.activations(at: ModularDemo.site, pairs: pairs, on: compute))
    } else if let bench = source.bench {
      loaded = try synthesized(bench, source.role, name: name, compute: compute)
    } else {
      let stores = try AlignedStores.open(source.files.map { "\(dataFolder ?? ".")/\($0)" })
      try checkFits(stores.rows, stores.width, path: stores.path)
      try stores.verify()
      loaded = LoadedRows(
        name: name, path: source.files.joined(separator: ", "), fingerprint: "",
        rows: try stores.load(),
        truth: try source.truth.map { try Truth("\(dataFolder ?? ".")/\($0)") })
    }
    loaded.fingerprint = ActivationFingerprint.of(loaded.rows)
    if let wanted = source.fingerprint, wanted != loaded.fingerprint {
      throw TensorFileError(
        path: loaded.path, found: "rows of the fingerprint \(loaded.fingerprint)",
        expected: "\(wanted), the rows of \(experiment.id)", hint: source.about)
    }
    return loaded
  }

  private func checkFits(_ rows: Int, _ width: Int, path: String) throws(TensorFileError) {
    guard rows * width * 4 < HostMemory.bytes else {
      throw TensorFileError(
        path: path, found: "\(rows) rows of width \(width)", expected: "rows that fit in memory",
        hint: "experiments do not read rows while training")
    }
  }

  /// The rows of a bench; its features are written where anchors are read from.
  private func synthesized(
    _ settings: BenchSettings, _ role: Experiment.Role, name: String, compute: Compute
  ) throws -> LoadedRows {
    try checkFits(settings.rows, settings.width * settings.sites, path: name)
    try settings.checkFits()
    let bench = try LinearRepresentationBench(settings, on: compute)
    let truth = Truth(sites: bench.features, path: name)
    try makeFolder(out)
    try NpyFile.write(truth.features, to: path(ofFeatures: name))
    let rows = bench.matrix(on: compute)
    guard role == .stages else {
      return LoadedRows(name: name, path: "lrb", fingerprint: "", rows: rows, truth: truth)
    }
    return LoadedRows(
      name: name, path: "lrb", fingerprint: "",
      rows: rows.selecting(columns: 0..<settings.width), truth: truth,
      stage: (rows, Site(name: "bench.1", width: settings.width)))
  }

  /// The features that data are made of, or are taken to have.
  private func path(ofFeatures name: String) -> String {
    experiment.data[name]?.truth.map { "\(dataFolder ?? ".")/\($0)/features.npy" }
      ?? "\(out)/\(name)-features.npy"
  }

  /// Where the directions or labels of anchors are: `features` stands for those of the truth.
  func path(ofAnchors anchors: String, on name: String) -> String? {
    if anchors == "features", let source = experiment.data[name],
      source.bench != nil || source.truth != nil
    {
      return path(ofFeatures: name)
    }
    return dataFolder.map { "\($0)/\(anchors)" } ?? anchors
  }
}

extension ExperimentRun {
  /// How many features of the truth, from the first on, are anchors, at most; `nil` where these are other directions.
  func given(_ anchors: AnchorSource?, on name: String) -> Int? {
    guard let anchors else { return 0 }
    return anchors.path == path(ofFeatures: name) ? anchors.count ?? .max : nil
  }
}

extension Experiment.DataSource {
  /// The files below the folder of data, in the order of the sites.
  fileprivate var files: [String] { sources ?? [data, target].compactMap { $0 } }
}

extension RunRecord.Settings {
  /// The settings with the names of files alone: the folder is another one for everybody.
  var apartFromPaths: RunRecord.Settings {
    var settings = self
    settings.method["anchors"] = method["anchors"]?.split(separator: "/").last.map(String.init)
    return settings
  }
}
