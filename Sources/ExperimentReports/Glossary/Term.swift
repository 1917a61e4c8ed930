/// Everything a report prints that needs a definition; the raw value is the anchor in the page.
///
/// The order is the glossary's.
enum Term: String, CaseIterable {
  // What is learned.
  case atom, topK, seed, widths, step, architecture, learningRate, normalization, auxiliaryLoss
  case penalty, rows, fingerprint, wallTime
  // How well the data is rebuilt, and with how little.
  case loss, mse, fvu, explainedVariance, l0, firingDensity, live, dead, activationValue
  // Do two dictionaries agree?
  case cosine, mmcs, mmcsAll, dcs, coverage, replication, sharedFraction, codeOverlap, subspace
  // Which atoms come back?
  case foundAgain, exactInterval, pValue, qValue, chanceAgain
  // Compared with what?
  case chance, chanceRange, dcsChance, isotropic, matchedChance, control, kappa, ratio, interval
  // What was found of what was planted?
  case planted, found, firingMatch, plantedChance, visible
  // When in training?
  case saturation, onset, settled
  // How numbers are summarized.
  case spread, histogram, quantile

  /// The identifier of the entry in the page.
  var anchor: String { "def-" + rawValue }
}

/// Text that links to the definition of what it shows.
func link(_ term: Term, _ text: Markup) -> Markup {
  ##"<a class="term" href="#\##(term.anchor)">\##(text)</a>"##
}

/// A number that links to its definition.
func figure(_ term: Term, _ value: String) -> Markup {
  ##"<a class="figure" href="#\##(term.anchor)">\##(value)</a>"##
}
