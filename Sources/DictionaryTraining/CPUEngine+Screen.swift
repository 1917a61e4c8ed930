import SparseCoding

/// Which screen a step uses: it saves time only, so nothing of it shows in a result or is kept with a run.
extension CPUEngine {
  /// Takes the encoder up as a screen sees it, with the dimensions that a batch shows to be outliers left
  /// to float.
  func takeUpScreen(_ screen: Screen, for batch: Batch) {
    stepsWithScreen = 0
    screened = ScreenedLatents(
      screen, latents: sizes.latents, width: sizes.inputWidth,
      split: ScreenedLatents.outlierDimensions(meanSquares: meanSquares(of: batch)))
    let (view, workers) = (makeView(), workers)
    compute.pool.run(units: EngineSizes.units(ofLatents: sizes.latents)) { unit, worker in
      for latent in view.latents(ofUnit: unit) {
        view.updateScreen(of: latent, scratch: workers[worker].row.start)
      }
    }
  }

  /// Moves to a finer screen, or from limits to the product, where the present one lets too much through, and after a
  /// while tries the coarsest again.
  ///
  /// A survivor's score takes about eight times as long as its operations at the peak, because its row comes
  /// from memory, and a screen of bytes saves three quarters of the product: it pays up to about one
  /// latent in twelve. Rows that are screened twice, mostly because their lists ran over, cost another
  /// product. An untrained encoder, whose scores are all alike, can be such a case for some steps.
  func reconsiderScreen(for batch: Batch) {
    guard multistep == nil else { return }
    stepsWithScreen += 1
    let rows = Double(batch.rows.count)
    guard let k = searchedSupports?.k ?? settings.perRowK else {
      return reconsiderScreenOfLimits(for: batch)
    }
    let beyond = Double(phases.survivors) / rows - Double(k)
    let isPoor = beyond > Double(sizes.latents) / 12 || Double(phases.fallbacks) > rows / 8
    // The first step has no guess of the threshold, so it says little.
    if isPoor, stepsWithScreen > 2, let finer = compute.kernels.screen(finerThan: screened.screen) {
      takeUpScreen(finer, for: batch)
    } else if screened.screen.kind != compute.screen.kind, stepsWithScreen >= patience {
      patience = min(2 * patience, 1024)
      takeUpScreen(compute.screen, for: batch)
    }
  }

  /// Leaves the screen for the product where it lets too much through, as at first where a rule has half of all latents
  /// active; and tries it again once fewer are, after a while.
  private func reconsiderScreenOfLimits(for batch: Batch) {
    guard let threshold else { return }
    let few = sizes.latents / 12
    if screensLimits {
      guard Int(phases.survivors) > few * batch.rows.count else { return }
      screensLimits = false
      stepsWithScreen = 0
    } else if stepsWithScreen >= patience, threshold.foundPerRow <= few {
      patience = min(2 * patience, 1024)
      screensLimits = true
      if settings.screenedK == 0 { takeUpScreen(compute.screen, for: batch) }
    }
  }

  /// Whether the screen follows the encoder.
  var isScreening: Bool {
    settings.isScreened && (screensLimits || settings.screenedK > 0)
  }

  /// The mean square of each dimension of the centred rows, over at most 256 of them.
  private func meanSquares(of batch: Batch) -> [Double] {
    var sums = [Double](repeating: 0, count: sizes.inputWidth)
    let start = settings.model.architecture.inputs.lowerBound
    let rows = batch.normalized(
      by: rest.normalizer, sites: settings.model.architecture.siteColumns, atMost: 256, compute)
    for row in 0..<rows.rows {
      for column in sums.indices {
        let centered = Double(rows[row, start + column] - inputBias.start[column])
        sums[column] += centered * centered
      }
    }
    return sums
  }
}
