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
