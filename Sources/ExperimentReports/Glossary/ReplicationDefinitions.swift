extension Definition {
  // MARK: Which atoms come back?
  static let foundAgain = Definition(
    name: "Came back <code>replications</code>",
    meaning: """
      In how many of the other runs an atom of the first and its \(link(.cosine, "best match")) are each \
      other’s best match, at the cosine stated or more. ↔ marks atoms that are in the second run, at any cosine.
      """,
    isNot: """
      Not a share of all runs that could be made; for that there is its \
      \(link(.exactInterval, "interval")). And of two atoms of one direction at most one comes back.
      """)

  static let exactInterval = Definition(
    name: "Exact interval <code>low, high</code>",
    meaning: """
      The 95% interval of Clopper and Pearson for the chance that another such run has the atom. Given the \
      first run, the others are independent trials.
      """,
    formula: """
      P(<var>X</var> ≥ <var>r</var>; low) = P(<var>X</var> ≤ <var>r</var>; high) = 2.5%, <var>X</var> binomial
      """,
    isNot: """
      Not narrow: seven of seven runs show a chance of 0.59 at least, and 0.65 if only that end is asked \
      for; 0.9 takes 29 of 29. It is one atom’s interval, and some of many atoms lie outside theirs.
      """)

  static let pValue = Definition(
    name: "p-value <code>p_value</code>",
    meaning: """
      How likely \(link(.chanceAgain, "chance")) alone gives so good a \(link(.cosine, "best cosine")) in \
      one other run; of several runs it judges the claim that more than half of them have the atom (the \
      partial conjunction, with Bonferroni’s bound).
      """,
    formula: """
      <var>p</var><sub><var>j</var></sub> = (1 + #{null ≥ <var>s</var><sub><var>j</var></sub>}) ∕ (1 + \
      <var>R</var>), <var>p</var> = min(1, (<var>n</var> − <var>M</var> + 1) \
      <var>p</var><sub>(<var>M</var>)</sub>)
      """,
    isNot: """
      Not to be read atom by atom: of a thousand atoms by chance alone fifty are below 0.05. The \
      \(link(.qValue, "q-value")) allows for that.
      """)

  static let qValue = Definition(
    name: "q-value, false discovery rate <code>q_value</code>",
    meaning: """
      If all atoms with a q of at most 0.05 are called discoveries, at most 5% of them are expected to be \
      false, however their \(link(.pValue, "p-values")) depend on each other.
      """,
    formula: """
      <var>q</var><sub>(<var>i</var>)</sub> = min<sub><var>j</var> ≥ <var>i</var></sub> <var>K</var> \
      (1 + ½ + … + 1∕<var>K</var>) <var>p</var><sub>(<var>j</var>)</sub> ∕ <var>j</var>
      """,
    isNot: "Not the chance that this atom is a false one.")

  static let chanceAgain = Definition(
    name: "Chance, for single atoms <code>null_cosine, chance</code>",
    meaning: """
      What independent dictionaries give whose directions have each dictionary’s second moment exactly: the \
      mean of their best cosines, and the share of their atoms that come back. It is stricter than the \
      \(link(.chance, "chance")) of the means, whose draws are a little more even than the dictionaries they \
      are taken from, so that unrelated dictionaries would exceed it.
      """,
    formula: """
      E[<var>y</var><var>y</var><sup>⊤</sup> ∕ |<var>y</var>|²] = <var>D</var><sup>⊤</sup><var>D</var> ∕ \
      <var>K</var>, <var>y</var> Gaussian
      """,
    isNot: """
      Not a chance for atoms of one particular direction: an atom in a crowded direction has good matches \
      more often than this.
      """)
}
