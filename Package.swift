// swift-tools-version: 6.2

import PackageDescription

/// Every Swift target is compiled with the same three settings: existentials are written `any`, an
/// import reaches only the file that wrote it, and `public import` marks where a dependency shows
/// in the API.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: readmes(name), swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    swiftSettings: settings)
}

/// Modules that document their own choices in a README beside the code.
func readmes(_ name: String) -> [String] { name == "AlgorithmicTransformer" ? ["README.md"] : [] }

let package = Package(
  name: "elute",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "elute", targets: ["EluteCommand"]),
    .library(name: "Elute", targets: ["Elute"]),
  ],
  dependencies: [
    .package(
      url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/jpsim/Yams", .upToNextMinor(from: "6.2.2")),
  ],
  targets: [
    // MARK: Lowest first; a target imports only from above its own line (`make lint` checks it).
    .target(name: "CSparseKernels", linkerSettings: [.linkedLibrary("m")]),
    module("SparseCoding", ["CSparseKernels"]),
    module("TensorFiles", ["SparseCoding"]),
    module("DictionaryMetrics", ["SparseCoding"]),
    module("SyntheticFeatures", ["SparseCoding"]),
    module("DictionaryTraining", ["SparseCoding", "CSparseKernels"]),
    .target(name: "CEmbeddedNetwork"),
    module("AlgorithmicTransformer", ["SparseCoding", "TensorFiles", "CEmbeddedNetwork"]),
    module("Identifiability", ["SparseCoding", "DictionaryMetrics"]),
    module("RunRecords", ["SparseCoding"]),
    module(
      "SparseExperiments",
      [
        "SparseCoding", "TensorFiles", "DictionaryMetrics", "SyntheticFeatures",
        "DictionaryTraining", "AlgorithmicTransformer", "Identifiability", "RunRecords",
      ]),
    module("ExperimentReports", ["RunRecords"]),
    module(
      "Elute",
      [
        "SparseCoding", "TensorFiles", "DictionaryMetrics", "SyntheticFeatures",
        "DictionaryTraining", "AlgorithmicTransformer", "Identifiability", "RunRecords",
        "SparseExperiments", "ExperimentReports",
      ]),
    .executableTarget(
      name: "EluteCommand",
      dependencies: [
        "Elute", .product(name: "ArgumentParser", package: "swift-argument-parser"), "Yams",
      ],
      swiftSettings: settings),

    // MARK: Tests
    tests(of: "SparseCoding", ["CSparseKernels"]),
    tests(of: "TensorFiles", ["SparseCoding"]),
    tests(of: "DictionaryMetrics", ["SparseCoding"]),
    tests(of: "SyntheticFeatures", ["SparseCoding"]),
    tests(
      of: "DictionaryTraining",
      ["SparseCoding", "CSparseKernels", "SyntheticFeatures", "TensorFiles"]),
    tests(of: "AlgorithmicTransformer", ["SparseCoding", "TensorFiles"]),
    tests(of: "Identifiability", ["SparseCoding", "DictionaryMetrics"]),
    tests(of: "ExperimentReports", ["RunRecords", "SparseCoding"]),
    tests(of: "SparseExperiments", ["Elute"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["EluteCommand", "Elute"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
