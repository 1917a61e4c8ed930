public import CSparseKernels

/// How the fused product and selection multiplies before the few scores that count are computed.
///
/// A screen only says which latents can be among the largest, with a proved bound, so results do not depend on it.
public struct Screen: Sendable {
  /// The type in which a screen multiplies.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// 32-bit floats; few latents survive.
    case float32
    /// 16-bit floats with 8 bits of mantissa.
    case bfloat16
    /// 8-bit integers, scaled for each row and each latent; most survive.
    case int8
  }

  /// The kernel set's own description; lives as long as the program.
  nonisolated(unsafe) public let description: UnsafePointer<EluteScreen>

  /// The type in which it multiplies.
  public var kind: Kind {
    switch description.pointee.kind {
    case ELUTE_INT8: .int8
    case ELUTE_BFLOAT16: .bfloat16
    default: .float32
    }
  }

  /// What multiplies, such as `vnni`.
  public var instructions: String { String(cString: description.pointee.instructions) }
}

extension KernelSet {
  /// The screens that this processor has for the set; of each kind the fastest comes first.
  public var screens: [Screen] {
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<EluteScreen>?.self, capacity: Int(ELUTE_MOST_SCREENS)
    ) { found in
      found.initialize(repeating: nil)
      let count = elute_screens(identifier, found.baseAddress)
      return found.prefix(count).compactMap { $0.map(Screen.init(description:)) }
    }
  }

  /// The float32 screen.
  public var exactestScreen: Screen { screens[0] }

  /// A screen for searches that keep many: what bytes let through would cost them more than it saves.
  public var closeScreen: Screen { screen(.bfloat16) ?? exactestScreen }

  /// The screen that is fastest on wide data: bytes where the set has them.
  var bestScreen: Screen { screen(.int8) ?? exactestScreen }

  /// The next finer kind that the set has.
  public func screen(finerThan screen: Screen) -> Screen? {
    switch screen.kind {
    case .int8: self.screen(.bfloat16) ?? exactestScreen
    case .bfloat16: exactestScreen
    case .float32: nil
    }
  }

  /// The screen of a kind; `float32` always exists.
  public func screen(_ kind: Screen.Kind) -> Screen? { screens.first { $0.kind == kind } }
}
