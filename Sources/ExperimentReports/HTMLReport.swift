public import RunRecords

/// The report on the runs of one configuration, as one HTML file.
///
/// The page needs nothing else: charts are inline SVG, there is no script and nothing is loaded. It
/// adapts to narrow and wide, light and dark, and prints. Every number links to its definition, and
/// every similarity stands beside what chance gives.
///
/// - Parameter content: The runs, their agreement and their latents; all parts but the title may be
///   empty, and numbers that are not finite are shown as not defined.
/// - Returns: A complete HTML document, the same for the same content.
/// - Complexity: O(latents + logged steps) time; the page's size does not grow with either.
public func htmlReport(_ content: ReportContent) -> String {
  let sections = [
    overviewSection(content),
    setupSection(content),
    trainingSection(content),
    agreementOverTrainingSection(content),
    agreementSection(content),
    replicationSection(content),
    firingSection(content),
    visibilitySection(content),
    certificateSection(content),
    latentSection(content),
    scopeSection(content),
  ].compactMap(\.self)
  return page(content, sections).source
}
