extension Definition {
  // MARK: Compared with what?
  static let chance = Definition(
    name: "Chance, the null <code>null_mmcs</code>",
    meaning: """
      What the same statistic gives for dictionaries that share nothing but their overall \
      shape: as many atoms as are live, drawn at random with each dictionary’s own second \
      moment and scaled to length one. Atoms of two runs crowd into the directions in which \
      the data varies; this null does too.
      """,
    formula: """
      atoms ∼ N(0, <var>D</var><sup>⊤</sup><var>D</var> ∕ <var>K</var>), normalized
      """,
    isNot: """
      Not the agreement of \(link(.isotropic, "uniformly random")) directions, which is much \
      lower and would make unrelated dictionaries look alike. And not the only control: \
      random data points or principal directions may agree better than this.
      """)

  static let chanceRange = Definition(
    name: "Range of chance <code>null_low, null_high</code>",
    meaning: """
      The interval that holds 99.9% of what \(link(.chance, "chance")) gives. Over training \
      it comes with the record; for finished pairs it is the mean over draws plus and minus \
      3.29 standard deviations.
      """,
    formula: """
      <var>s</var>₀ ± 3.29 <var>σ</var>₀
      """,
    isNot: """
      Not a range for single atoms, which scatter far more than their mean, and not the \
      uncertainty of the measured value.
      """)

  static let dcsChance = Definition(
    name: "Chance, one to one <code>null_dcs</code>",
    meaning: """
      The same random draws as for \(link(.chance, "chance")), paired one to one as \
      \(link(.dcs, "DCS")) pairs atoms.
      """,
    isNot: "Not interchangeable with the chance of MMCS, which is always higher.")

  static let isotropic = Definition(
    name: "Isotropic chance <code>isotropic_mmcs</code>",
    meaning: """
      The expected agreement of directions that are uniform on the sphere, by an exact \
      integral. It depends on width and count only.
      """,
    formula: """
      ∫<sub>0</sub><sup>1</sup> 1 − <var>F</var>(<var>c</var>)<sup><var>K</var></sup> \
      d<var>c</var>, <var>F</var> the distribution of one |cosine|
      """,
    isNot: """
      Not fit for a claim on real data, whose directions are never uniform. It is shown so \
      that published ratios can be compared; claims use \(link(.chance, "chance")).
      """)

  static let kappa = Definition(
    name: "Agreement beyond chance, κ <code>kappa</code>",
    meaning: """
      How far the agreement has come on the way from \(link(.chance, "chance")), 0, to \
      identical, 1. Negative means below chance. Unlike a ratio it can be compared between \
      widths and sizes.
      """,
    formula: """
      (<var>s</var> − <var>s</var>₀) ∕ (1 − <var>s</var>₀)
      """,
    isNot: "Not the share of atoms that replicate: it is an average over all live atoms.")

  static let ratio = Definition(
    name: "Ratio to isotropic chance <code>ratio_to_isotropic</code>",
    meaning: """
      The agreement divided by \(link(.isotropic, "isotropic chance")), the “x times random” \
      of publications, with the most it can be.
      """,
    formula: "<var>s</var> ∕ <var>s</var><sub>iso</sub> ≤ 1 ∕ <var>s</var><sub>iso</sub>",
    isNot: """
      Not comparable between widths, because the cap differs: 3.3 at width 128 and 1,024 \
      atoms, 8 to 9 at width 1,024. Use \(link(.kappa, "κ")).
      """)

  static let interval = Definition(
    name: "95% interval <code>kappa_interval, mmcs_interval</code>",
    meaning: """
      The delete-one-seed jackknife: the statistic is computed again without each run in \
      turn, and the scatter of these values gives an interval with Student’s <var>t</var> on \
      <var>S</var> − 1 degrees of freedom.
      """,
    formula: """
      <var>θ</var> ± <var>t</var><sub>0.975, <var>S</var>−1</sub> √[(<var>S</var> − 1) ∕ \
      <var>S</var> Σ<sub><var>s</var></sub> (<var>θ</var><sub>(−<var>s</var>)</sub> − \
      <var>θ̄</var>)²]
      """,
    isNot: """
      Not an interval over networks or data sets: it says what further seeds would give on \
      this network and this data.
      """)
}
