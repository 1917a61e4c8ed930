extension BenchSettings: Encodable {
  /// The names of settings, which are those of the flags.
  public enum Key: String, CodingKey, CaseIterable {
    case features, width, rows, least, scale, noise, sites, seed, children, group, cofiring,
      overlapping, specific, largest, nonnegative, mixture
    case mixtureSpread = "mixture_spread"
    case activationProbability = "activation_probability"
    case interference
    case descentMargin = "descent_margin"
    case descentSpread = "descent_spread"
    case descentRate = "descent_rate"
    case descentSteps = "descent_steps"
  }

  /// Writes the settings by the names of their flags.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(features, forKey: .features)
    try container.encode(width, forKey: .width)
    try container.encode(rows, forKey: .rows)
    try container.encode(activationProbability, forKey: .activationProbability)
    try container.encode(least, forKey: .least)
    try container.encode(scale, forKey: .scale)
    try container.encode(noise, forKey: .noise)
    try container.encode(sites, forKey: .sites)
    try container.encode(seed, forKey: .seed)
    try container.encode(descent.interference, forKey: .interference)
    try container.encode(descent.margin, forKey: .descentMargin)
    try container.encode(descent.spread, forKey: .descentSpread)
    try container.encode(descent.rate, forKey: .descentRate)
    try container.encode(descent.steps, forKey: .descentSteps)
    switch coActivation {
    case .independent: break
    case .largest(let k, let isSigned):
      try container.encode(k, forKey: .largest)
      // As it was before there were others.
      if !isSigned { try container.encode(true, forKey: .nonnegative) }
    case .hierarchical(let children): try container.encode(children, forKey: .children)
    case .grouped(let size, let cofiring):
      try container.encode(size, forKey: .group)
      try container.encode(cofiring, forKey: .cofiring)
    }
    try container.encodeIfPresent(mixture?.components, forKey: .mixture)
    try container.encodeIfPresent(mixture?.spread, forKey: .mixtureSpread)
    switch sharing {
    case .independent: break
    case .overlapping(let share): try container.encode(share, forKey: .overlapping)
    case .specific(let share): try container.encode(share, forKey: .specific)
    }
  }
}
