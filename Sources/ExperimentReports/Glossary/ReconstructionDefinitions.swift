extension Definition {
  // MARK: How well the data is rebuilt, and with how little.
  static let loss = Definition(
    name: "Loss <code>loss</code>",
    meaning: """
      The squared error of the reconstruction, summed over the dimensions of a row and \
      averaged over the rows of one training batch.
      """,
    formula: """
      (1 ∕ <var>n</var>) Σ<sub><var>t</var></sub> \
      ‖<var>x<sub>t</sub></var> − <var>x̂<sub>t</sub></var>‖²
      """,
    isNot: """
      Not comparable between data sets, because it has the data’s units; \
      \(link(.fvu, "FVU")) is. It is measured on rows being trained on.
      """)

  static let mse = Definition(
    name: "Mean squared error <code>mse</code>",
    meaning: "The squared error averaged over evaluated rows and over dimensions.",
    formula: """
      (1 ∕ <var>n d</var>) Σ<sub><var>t</var></sub> \
      ‖<var>x<sub>t</sub></var> − <var>x̂<sub>t</sub></var>‖²
      """,
    isNot: """
      Not the \(link(.loss, "loss")), which sums over dimensions, and not an error on rows \
      scaled to length one, which some papers call by the same name.
      """)

  static let fvu = Definition(
    name: "Fraction of variance unexplained, FVU <code>fvu</code>",
    meaning: """
      The squared error as a share of the data’s variance around its mean. 0 is perfect; 1 is \
      no better than always answering with the mean, and worse than 1 is possible.
      """,
    formula: """
      Σ<sub><var>t</var></sub> ‖<var>x<sub>t</sub></var> − <var>x̂<sub>t</sub></var>‖² ∕ \
      Σ<sub><var>t</var></sub> ‖<var>x<sub>t</sub></var> − <var>x̄</var>‖²
      """,
    isNot: """
      Not an average of one ratio per row or per dimension, and the error is not centered: a \
      constant offset counts. Other tools define the same name differently.
      """)

  static let explainedVariance = Definition(
    name: "Explained variance <code>explained_variance</code>",
    meaning: """
      The share of the data’s variance that the reconstruction captures. 0% is what always \
      answering with the mean would give.
      """,
    formula: "1 − \(link(.fvu, "FVU"))",
    isNot: """
      Not a sign that the atoms are right: very different dictionaries can explain the same \
      variance.
      """)

  static let l0 = Definition(
    name: "Active latents per row, L0 <code>l0</code>",
    meaning: "The mean number of latents that are not zero, under the rule used after training.",
    formula: """
      (1 ∕ <var>n</var>) Σ<sub><var>t</var></sub> #{<var>i</var> : \
      |<var>z<sub>ti</sub></var>| &gt; 0}
      """,
    isNot: "Not a setting; \(link(.topK, "k")) is the setting.")

  static let firingDensity = Definition(
    name: "Firing density <code>firing_densities</code>",
    meaning: """
      The share of the evaluated rows on which a latent is not zero. If all fired equally often, \
      each would fire on \(link(.l0, "L0")) ∕ <code>d_sae</code> of the rows.
      """,
    formula: """
      #{<var>t</var> : |<var>z<sub>ti</sub></var>| &gt; 0} ∕ <var>n</var>
      """,
    isNot: "Not a strength: a latent may fire often and weakly.")

  static let live = Definition(
    name: "Live atom <code>live</code>",
    meaning: """
      An atom whose latent fires at least once on the rows looked at. Agreement is measured \
      over live atoms, because an atom that never fires has no part in any reconstruction.
      """,
    isNot: "Not necessarily useful: it may fire on a single row.")

  static let dead = Definition(
    name: "Dead latents <code>dead_fraction</code>",
    meaning: "The share of latents that fire on none of the evaluated rows.",
    isNot: """
      Not the count used while training, which looks at a window of recent rows. A latent that \
      is dead on these rows may fire on others.
      """)

  static let activationValue = Definition(
    name: "Value on an input <code>value</code>",
    meaning: "The latent’s value on that input, in the units of the finished dictionary.",
    isNot: "Not a probability, and not comparable between latents of different density.")
}
