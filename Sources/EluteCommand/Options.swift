import ArgumentParser
import Elute

/// Where numerical work runs.
struct ComputeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads; they never change a result.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The kernel set; it never changes a result.",
      valueName: "set", visibility: .hidden))
  var kernels: String?

  @Option(
    help: ArgumentHelp(
      "How the product that chooses latents multiplies, by type or instructions; it never changes a result.",
      valueName: "screen", visibility: .hidden))
  var screen: String?

  func compute(threads configured: Int? = nil) throws -> Compute {
    let threads = threads ?? configured ?? ThreadPool.coreCount
    guard (1...1024).contains(threads) else {
      throw ConfigurationError(
        key: "threads", found: "\(threads)", expected: "1 to 1024",
        hint: "leave it out to use all \(ThreadPool.coreCount) processors")
    }
    guard let set = kernels.map(KernelSet.init) ?? .best, KernelSet.available.contains(set) else {
      throw ConfigurationError(
        key: "kernels", found: "'\(kernels ?? "")'",
        expected: KernelSet.available.map(\.rawValue).joined(separator: " or "),
        hint: "leave it out for the fastest that this processor has")
    }
    let chosen = set.screens.first { $0.kind.rawValue == screen || $0.instructions == screen }
    if let screen, chosen == nil {
      throw ConfigurationError(
        key: "screen", found: "'\(screen)'",
        expected: set.screens.map { "\($0.kind.rawValue) (\($0.instructions))" }
          .joined(separator: " or "),
        hint: "leave it out for the fastest that this processor has")
    }
    return Compute(kernels: set, threads: threads, screen: chosen)
  }
}

/// Whether results are printed as JSON.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON.")
  var json = false
}

/// A list of whole numbers, such as `0,1,2,3`.
struct SeedList: ExpressibleByArgument {
  var seeds: [UInt64]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let seeds = parts.compactMap { UInt64($0.trimmingPrefix(" ")) }
    guard seeds.count == parts.count, !seeds.isEmpty else { return nil }
    self.seeds = seeds
  }
}

/// A list of whole numbers from 1 on, such as `64,256,1024`.
struct CountList: ExpressibleByArgument {
  var counts: [Int]

  init?(argument: String) {
    guard let seeds = SeedList(argument: argument)?.seeds else { return nil }
    counts = seeds.compactMap { Int(exactly: $0) }
    guard counts.count == seeds.count else { return nil }
  }
}

/// A list of paths, such as `a.npy,b.npy`.
struct PathList: ExpressibleByArgument {
  var paths: [String]

  init?(argument: String) {
    paths = argument.split(separator: ",").map(String.init)
    guard !paths.isEmpty else { return nil }
  }
}

/// Where the activations of a dictionary's sites are.
struct SiteOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The activations: a file or a folder.", valueName: "path"))
  var data: String?

  @Option(help: ArgumentHelp("What a transcoder reconstructs.", valueName: "path"))
  var target: String?

  @Option(help: ArgumentHelp("The sites of a crosscoder, in their order.", valueName: "paths"))
  var sources: PathList?

  /// The paths in the order of the sites; none where none is given.
  var paths: [String] { sources?.paths ?? [data, target].compactMap { $0 } }

  func validate() throws {
    if sources != nil, data != nil || target != nil {
      throw ValidationError(
        "--sources stands alone: a crosscoder reads and reconstructs all of them")
    }
    if target != nil, data == nil {
      throw ValidationError("--target needs --data, what the transcoder reads")
    }
  }
}

extension SiteOptions {
  /// The rows of a dictionary's sites, verified, those that a rule holds out apart, and what they are called.
  ///
  /// - Parameter holdOut: The rule, as it was given; nil for none.
  func rows(
    for coder: SparseCoder, holdOut: String?
  ) throws -> (divided: TrainingRows, path: String) {
    try rows(for: [coder], holdOut: holdOut)
  }

  /// The rows that several dictionaries can all read.
  func rows(
    for coders: [SparseCoder], holdOut: String?
  ) throws -> (divided: TrainingRows, path: String) {
    let rule = try holdOut.map { (text) throws(ConfigurationError) in try HoldOut(text) }
    let store = try AlignedStores.open(paths)
    for coder in coders {
      try checkSites(store.sites.map(\.width), of: coder.architecture, path: store.path)
    }
    try store.verify()
    // Of columns a few rows cannot be read alone.
    let source: any ActivationSource = store.isRowMajor ? store : try store.load()
    let divided = TrainingRows(source, holdOut: rule ?? .none)
    if let holdOut, rule != HoldOut.none, divided.heldOut.isEmpty {
      throw ConfigurationError(
        key: "holdout", found: "\(holdOut) of \(divided.count) rows",
        expected: "at least one row to look at", hint: "hold out more, or leave it out for all rows"
      )
    }
    return (divided, store.path)
  }
}
