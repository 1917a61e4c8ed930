import CSparseKernels

/// Elementary functions with the same bits on every machine, for all that enters a weight.
///
/// Made of `+`, `-`, `*`, `/` in a fixed order; relative errors are below 4e-16. Elsewhere: the C
/// library's functions are as exact, but their last bit differs between versions.
public enum Elementary {
  /// e to the power `x`; 0 below -708.3 and infinity above 709.7.
  public static func exp(_ x: Double) -> Double { elute_exp(x) }

  /// The natural logarithm; minus infinity at 0 and not a number below.
  public static func log(_ x: Double) -> Double { elute_log(x) }

  /// `x` to the power `y`, `exp(y log x)`, for positive `x`; relative errors grow with `y log x`.
  public static func pow(_ x: Double, _ y: Double) -> Double { y == 1 ? x : exp(y * log(x)) }

  /// The cosine of an angle given in whole turns, `cos(2 π turns)`.
  public static func cosine(turns: Double) -> Double { elute_cos_turns(turns) }

  /// The sine of an angle given in whole turns, `sin(2 π turns)`.
  public static func sine(turns: Double) -> Double { elute_sin_turns(turns) }
}
