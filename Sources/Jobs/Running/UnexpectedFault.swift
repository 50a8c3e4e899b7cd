import Domain

extension Fault {
  /// Any error as a fault; one that is no fault is a defect of ours.
  init(any error: any Error, during slot: Slot) {
    if let fault = error as? Fault {
      self = fault
    } else {
      self.init("finish", "\(slot)", cause: "\(error)", exit: .internal)
    }
  }
}
