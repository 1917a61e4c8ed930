public import CSparseKernels

/// An instruction set that Elute has kernels for; all give the same bits.
public enum KernelSet: String, CaseIterable, Codable, Sendable {
  /// Obvious loops, for every machine and as the judge of the others.
  case plain
  /// 256-bit x86 vectors with fused multiply-add.
  case avx2
  /// 512-bit x86 vectors.
  case avx512
  /// 128-bit Arm vectors.
  case neon

  /// The sets that this processor can run, slowest first.
  public static var available: [KernelSet] {
    allCases.filter { elute_kernels($0.identifier) != nil }
  }

  /// The fastest set that this processor can run.
  public static var best: KernelSet { available.last ?? .plain }

  /// The set's functions.
  ///
  /// - Precondition: The set is `available`.
  public var functions: UnsafePointer<EluteKernels> {
    guard let functions = elute_kernels(identifier) else {
      preconditionFailure("this processor cannot run the \(rawValue) kernels")
    }
    return functions
  }

  var identifier: EluteKernelSet {
    switch self {
    case .plain: ELUTE_PLAIN
    case .avx2: ELUTE_AVX2
    case .avx512: ELUTE_AVX512
    case .neon: ELUTE_NEON
    }
  }
}
