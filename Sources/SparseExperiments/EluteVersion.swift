/// The version of this package, as files record it.
public let eluteVersion = "0.1.0"
