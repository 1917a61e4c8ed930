import CSparseKernels
public import SparseCoding

extension CPUEngine {
  /// The bytes of memory that an engine of a configuration takes, its buffers as they are allocated; of
  /// the pass of dead latents all but their gathered rows, which there may be few of or none.
  public static func byteCount(of configuration: TrainingConfiguration, compute: Compute) -> Int {
    let (latents, width) = (configuration.latents, configuration.site.width)
    let (rows, k) = (configuration.batchRows, configuration.k)
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let threads = compute.pool.threads
    let settings = EngineSettings(configuration, trainingRows: 1)
    func scratch(_ k: Int) -> Int {
      threads
        * AlignedBuffer<UInt8>.byteCount(
          of: elute_choose_scratch_bytes(width, rowBlock, k, latents))
    }
    var bytes = 6 * AlignedBuffer<Float>.byteCount(of: latents * stride)
    bytes += ScreenedLatents.byteCount(compute.screen, latents: latents, width: width)
    bytes += BatchBuffers.byteCount(rows: rows, stride: stride, k: k, latents: latents) + scratch(k)
    if let auxiliary = settings.auxiliary {
      let k = min(auxiliary.k, latents)
      bytes += BatchCodes.byteCount(rows: rows, k: k, latents: latents) + scratch(k)
      bytes += AlignedBuffer<Float>.byteCount(of: rows * stride)
    }
    return bytes
  }
}

extension BatchBuffers {
  static func byteCount(rows: Int, stride: Int, k: Int, latents: Int) -> Int {
    2 * AlignedBuffer<Float>.byteCount(of: rows * stride)
      + AlignedBuffer<Float>.byteCount(of: CPUEngine.units(ofRows: rows) * stride)
      + AlignedBuffer<Float>.byteCount(of: CPUEngine.units(ofLatents: latents) * stride)
      + BatchCodes.byteCount(rows: rows, k: k, latents: latents)
  }
}

extension BatchCodes {
  static func byteCount(rows: Int, k: Int, latents: Int) -> Int {
    7 * AlignedBuffer<Float>.byteCount(of: rows * k)
      + AlignedBuffer<Int32>.byteCount(of: latents * CPUEngine.units(ofRows: rows))
      + 2 * AlignedBuffer<Int64>.byteCount(of: latents + 1)
  }
}
