import Domain
import Store

// The metrics by name. The names, labels and units are a promise to those who draw and alert on
// them: docs and alert rules are written against this file.
extension MetricsFacts {
  /// The page as a monitoring system reads it.
  func page(_ format: MetricsFormat) -> String {
    var text = MetricsText(format)
    identity(&text)
    runs(&text)
    freshness(&text)
    conditions(&text)
    histograms(&text)
    scheduler(&text)
    market(&text)
    inference(&text)
    exchanges(&text)
    portfolio(&text)
    positions(&text)
    risk(&text)
    trading(&text)
    messages(&text)
    storage(&text)
    requests(&text)
    process(&text)
    return text.whole
  }

  private func identity(_ text: inout MetricsText) {
    text.begin("carillon_build_info", .info, "The version that runs; always 1.")
    text.add(MetricValue(1), ["version": version])
    text.begin("carillon_mode_info", .info, "How orders of an account are executed; always 1.")
    for account in accounts {
      text.add(MetricValue(1), ["mode": account.mode, "account": account.name])
    }
    if accounts.isEmpty { text.add(MetricValue(1), ["mode": mode, "account": ""]) }
  }

  private func runs(_ text: inout MetricsText) {
    text.begin(
      "carillon_job_runs_total", .counter,
      "Slots that ended, by result and by what made them due, since the database was made.")
    for job in jobs {
      for total in job.totals {
        text.add(
          MetricValue(total.runs),
          [
            "job": job.name, "result": total.result.rawValue, "trigger": total.trigger.rawValue,
          ])
      }
    }
    text.begin(
      "carillon_job_missed_total", .counter,
      "Slots that were too late to run, since the database was made.")
    for job in jobs {
      let missed = job.totals.filter { $0.result == .missed }.map(\.runs).reduce(0, +)
      text.add(MetricValue(missed), ["job": job.name])
    }
  }

  private func freshness(_ text: inout MetricsText) {
    times(
      "carillon_job_last_success_timestamp_seconds", "When the newest success of a job ended.",
      \.lastSuccess, &text)
    times(
      "carillon_job_last_start_timestamp_seconds", "When a run of a job last started.", \.lastStart,
      &text)
    times(
      "carillon_job_next_run_timestamp_seconds",
      "The next slot of a job, or of the head of its chain; none while it is paused.", \.next, &text
    )
    text.begin(
      "carillon_job_stale_after_timestamp_seconds", .gauge,
      "When a job becomes stale unless it succeeds before: due, time allowed and grace; "
        + "+Inf when paused.")
    for job in jobs {
      let value = job.isPaused ? nil : job.staleAfter.map { MetricValue($0) }
      text.add(value ?? .infinity, ["job": job.name])
    }
  }

  private func times(
    _ name: String, _ help: String, _ time: (JobFigures) -> Instant?, _ text: inout MetricsText
  ) {
    text.begin(name, .gauge, help)
    for job in jobs {
      if let time = time(job) { text.add(MetricValue(time), ["job": job.name]) }
    }
  }

  private func conditions(_ text: inout MetricsText) {
    text.begin("carillon_job_running", .gauge, "Whether a run of a job is under way.")
    for job in jobs { text.add(MetricValue(job.isRunning), ["job": job.name]) }
    text.begin("carillon_job_paused", .gauge, "Whether a job, or one before it, is paused.")
    for job in jobs { text.add(MetricValue(job.isPaused), ["job": job.name]) }
    text.begin(
      "carillon_job_consecutive_failures", .gauge,
      "How many of the newest runs of a job failed in a row.")
    for job in jobs { text.add(MetricValue(job.consecutiveFailures), ["job": job.name]) }
  }

  private func histograms(_ text: inout MetricsText) {
    text.begin(
      "carillon_job_duration_seconds", .histogram,
      "How long runs took from claim to end, since this process started.")
    for job in jobs { if let runs = job.runs { text.add(runs.durations, ["job": job.name]) } }
    text.begin(
      "carillon_job_start_delay_seconds", .histogram,
      "How long after its slot a run started, since this process started.")
    for job in jobs { if let runs = job.runs { text.add(runs.delays, ["job": job.name]) } }
  }

  private func scheduler(_ text: inout MetricsText) {
    text.begin(
      "carillon_scheduler_last_tick_timestamp_seconds", .gauge, "When the loop last turned.")
    if let lastTurn { text.add(MetricValue(lastTurn)) }
    guard let reload else { return }
    text.begin(
      "carillon_config_last_reload_successful", .gauge,
      "Whether the schedules file as it stands is followed.")
    text.add(MetricValue(reload.isGood), ["file": reload.file])
    text.begin(
      "carillon_config_last_reload_success_timestamp_seconds", .gauge,
      "When the schedule that is followed was read.")
    if let lastGood = reload.lastGood { text.add(MetricValue(lastGood), ["file": reload.file]) }
  }

  private func messages(_ text: inout MetricsText) {
    text.begin("carillon_alerts_open", .gauge, "Alerts that are not over.")
    for severity in AlertSeverity.allCases {
      text.add(MetricValue(alerts[severity] ?? 0), ["severity": severity.rawValue])
    }
    let channels = channels.sorted { $0.key < $1.key }
    text.begin(
      "carillon_notifications_total", .counter,
      "Messages that a channel took or that were given up, since the database was made.")
    for (name, figures) in channels {
      text.add(MetricValue(figures.sent), ["channel": name, "result": "sent"])
      text.add(MetricValue(figures.dropped), ["channel": name, "result": "dropped"])
    }
    text.begin("carillon_notifications_pending", .gauge, "Messages that wait for a channel.")
    for (name, figures) in channels {
      text.add(MetricValue(figures.pending), ["channel": name])
    }
  }

  private func storage(_ text: inout MetricsText) {
    if let snapshot {
      text.begin(
        "carillon_snapshot_last_success_timestamp_seconds", .gauge,
        "When the newest snapshot was taken.")
      text.add(MetricValue(snapshot.taken))
      text.begin(
        "carillon_snapshot_last_verified_timestamp_seconds", .gauge,
        "When the newest snapshot was restored to a temporary file and found whole.")
      if let verified = snapshot.verified { text.add(MetricValue(verified)) }
      text.begin("carillon_snapshot_size_bytes", .gauge, "The size of the newest snapshot.")
      text.add(MetricValue(snapshot.size))
    }
    if let pushed = remote.pushed {
      text.begin(
        "carillon_snapshot_remote_last_success_timestamp_seconds", .gauge,
        "When a snapshot's copy last arrived at the remote.")
      text.add(MetricValue(pushed))
    }
    if let drilled = remote.drilled {
      text.begin(
        "carillon_snapshot_drill_last_success_timestamp_seconds", .gauge,
        "When the newest remote copy was last brought back and proved.")
      text.add(MetricValue(drilled))
    }
    if let isDrillGood {
      text.begin(
        "carillon_snapshot_drill_last_successful", .gauge, "Whether the last drill succeeded.")
      text.add(MetricValue(isDrillGood))
    }
    if let shipping { shippedLog(shipping, &text) }
    text.begin(
      "carillon_database_size_bytes", .gauge, "The size of the database with its log.")
    if let databaseBytes { text.add(MetricValue(databaseBytes)) }
    text.begin("carillon_disk_free_bytes", .gauge, "The room on the disk of the database.")
    if let disk { text.add(MetricValue(disk.freeBytes)) }
  }

  private func shippedLog(_ state: ShippingState, _ text: inout MetricsText) {
    text.begin(
      "carillon_shipping_last_success_timestamp_seconds", .gauge,
      "Until when all that was committed is in the shipped log.")
    if let through = state.through { text.add(MetricValue(through)) }
    text.begin(
      "carillon_shipping_remote_last_success_timestamp_seconds", .gauge,
      "Until when all that was committed is at the remote, with the shipped log.")
    if let through = state.remoteThrough { text.add(MetricValue(through)) }
    text.begin("carillon_shipping_spool_bytes", .gauge, "The size of the shipped log here.")
    text.add(MetricValue(state.spoolBytes))
    text.begin(
      "carillon_shipping_cuts_total", .counter,
      "How often the history of the shipped log was cut rather than the disk filled.")
    text.add(MetricValue(state.cuts))
  }

  private func requests(_ text: inout MetricsText) {
    text.begin(
      "carillon_http_requests_total", .counter, "Requests answered since this process started.")
    for (key, count) in requests.sorted(by: { $0.key < $1.key }) {
      text.add(MetricValue(count), ["route": key.route, "code": "\(key.code)"])
    }
    text.begin(
      "carillon_http_request_duration_seconds", .histogram,
      "How long requests took to be answered, since this process started.")
    for (route, durations) in answers.sorted(by: { $0.key < $1.key }) {
      text.add(durations, ["route": route])
    }
  }

  private func process(_ text: inout MetricsText) {
    if let started {
      text.begin("process_start_time_seconds", .gauge, "When the process started.")
      text.add(MetricValue(started))
    }
    guard let process else { return }
    text.begin("process_cpu_seconds_total", .counter, "Processor time used.")
    text.add(MetricValue(seconds: process.processorTime))
    text.begin("process_resident_memory_bytes", .gauge, "Memory in RAM.")
    text.add(MetricValue(process.residentBytes))
    text.begin("process_virtual_memory_bytes", .gauge, "Address space.")
    text.add(MetricValue(process.virtualBytes))
    text.begin("process_open_fds", .gauge, "File descriptors that are open.")
    text.add(MetricValue(process.openFiles))
    text.begin("process_threads", .gauge, "Threads.")
    text.add(MetricValue(process.threads))
  }
}
