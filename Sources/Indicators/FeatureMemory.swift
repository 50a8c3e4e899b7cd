/// The flat memory of one pipeline: kernels with their windows, the slots of the current row, and
/// the stack of formulas. One allocation, none afterwards.
final class FeatureMemory {
  let program: FeatureProgram
  let kernels: UnsafeMutableRawPointer
  let slots: UnsafeMutablePointer<Double>
  let stack: UnsafeMutablePointer<Double>

  init(_ program: FeatureProgram) {
    self.program = program
    kernels = .allocate(byteCount: max(16, program.memoryByteCount), alignment: 16)
    slots = .allocate(capacity: program.slotCount)
    stack = .allocate(capacity: program.stackDepth)
    slots.initialize(repeating: 0, count: program.slotCount)
    stack.initialize(repeating: 0, count: program.stackDepth)
    reset()
  }

  deinit {
    kernels.deallocate()
    slots.deallocate()
    stack.deallocate()
  }

  /// Memory of its own with the same content.
  func copy() -> FeatureMemory {
    let other = FeatureMemory(program)
    other.kernels.copyMemory(from: kernels, byteCount: program.memoryByteCount)
    return other
  }

  /// Makes every kernel new.
  func reset() {
    kernels.initializeMemory(as: UInt8.self, repeating: 0, count: program.memoryByteCount)
    for (operation, arguments) in zip(program.operations, program.arguments) {
      operation.kind.accept(
        KernelCreation(arguments: arguments, memory: kernels + operation.kernel))
    }
  }

  /// Reads or writes the changing part of every kernel and window.
  func code(_ coder: inout StateCoder) {
    for operation in program.operations {
      withUnsafeMutablePointer(to: &coder) { coder in
        operation.kind.accept(KernelCoding(coder: coder, memory: kernels + operation.kernel))
      }
      let window = (kernels + operation.window).assumingMemoryBound(to: Double.self)
      coder.window(window, count: operation.windowCount)
    }
  }
}

private struct KernelCreation: KernelVisitor {
  var arguments: Arguments
  var memory: UnsafeMutableRawPointer

  func visit<K: Kernel>(_: K.Type) {
    memory.initializeMemory(as: K.self, repeating: K(arguments), count: 1)
  }
}

private struct KernelCoding: KernelVisitor {
  var coder: UnsafeMutablePointer<StateCoder>
  var memory: UnsafeMutableRawPointer

  func visit<K: Kernel>(_: K.Type) {
    memory.assumingMemoryBound(to: K.self).pointee.code(&coder.pointee)
  }
}
