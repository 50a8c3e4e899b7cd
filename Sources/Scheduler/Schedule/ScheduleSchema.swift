/// The JSON Schema of schedules files, for editors.
public enum ScheduleSchema {
  /// The schema: the same text as `schedules/schemas/schedules.schema.json`, which a test holds equal.
  public static let text = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "schedules.schema.json",
      "title": "Carillon schedules",
      "description": "Jobs, what makes them due, and how their runs are treated.",
      "type": "object",
      "required": ["version", "jobs"],
      "additionalProperties": false,
      "properties": {
        "version": {
          "description": "The version of this format.",
          "const": 1
        },
        "timezone": {
          "description": "The zone of jobs that name none: a name of the tz database such as America/New_York. UTC unless given.",
          "$ref": "#/$defs/zone"
        },
        "defaults": {
          "description": "What holds for every job that does not say otherwise.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "timeout": { "$ref": "#/$defs/timeout" },
            "grace": { "$ref": "#/$defs/grace" },
            "overlap": { "$ref": "#/$defs/overlap" },
            "catchup": { "$ref": "#/$defs/catchup" },
            "deadline": { "$ref": "#/$defs/deadline" },
            "jitter": { "$ref": "#/$defs/jitter" },
            "retry": { "$ref": "#/$defs/retry" },
            "on-failure": { "$ref": "#/$defs/onFailure" }
          }
        },
        "jobs": {
          "description": "The jobs by name. A job's name is its kind, unless `job` says otherwise.",
          "type": "object",
          "minProperties": 1,
          "propertyNames": { "$ref": "#/$defs/jobName" },
          "patternProperties": {
            "^(fetch|compute|infer|rebalance|snapshot|prune|command)$": { "$ref": "#/$defs/job" }
          },
          "additionalProperties": {
            "allOf": [{ "$ref": "#/$defs/job" }],
            "required": ["job"]
          }
        }
      },
      "$defs": {
        "job": {
          "type": "object",
          "additionalProperties": false,
          "oneOf": [
            { "required": ["cron"] },
            { "required": ["every"] },
            { "required": ["after"] }
          ],
          "properties": {
            "job": {
              "description": "The kind of job. Needed where the job's name is not a kind, so that one kind can run twice with different parameters.",
              "enum": ["fetch", "compute", "infer", "rebalance", "snapshot", "prune", "report", "command"]
            },
            "timezone": {
              "description": "The zone of `cron`: a name of the tz database such as America/New_York.",
              "$ref": "#/$defs/zone"
            },
            "calendar": {
              "description": "A market's calendar, such as XNYS: no slots on its holidays, none after an early close.",
              "type": "string",
              "minLength": 1
            },
            "cron": {
              "description": "Minute, hour, day of the month, month, day of the week, in quotes: \"30 9 * * mon-fri\". Or @hourly, @daily, @weekly, @monthly, @yearly, @every 6h. With a calendar also open+5m and close-10m.",
              "type": "string",
              "minLength": 1,
              "maxLength": 1000,
              "examples": ["1 * * * *", "*/15 * * * *", "30 9 * * mon-fri", "@daily"]
            },
            "every": {
              "description": "An interval, counted from 1970 in UTC so that a restart does not move it, and a phase: 6h, 15m/1m.",
              "type": "string",
              "pattern": "^[0-9a-z]+(/[0-9a-z]+)?$",
              "examples": ["15m", "1h/1m", "1d"]
            },
            "after": {
              "description": "Runs when this job, or all of these, have succeeded at the same slot. Several must come after one and the same head.",
              "oneOf": [
                { "$ref": "#/$defs/jobName" },
                {
                  "type": "array",
                  "minItems": 1,
                  "uniqueItems": true,
                  "items": { "$ref": "#/$defs/jobName" }
                }
              ]
            },
            "timeout": { "$ref": "#/$defs/timeout" },
            "grace": { "$ref": "#/$defs/grace" },
            "overlap": { "$ref": "#/$defs/overlap" },
            "catchup": { "$ref": "#/$defs/catchup" },
            "deadline": { "$ref": "#/$defs/deadline" },
            "jitter": { "$ref": "#/$defs/jitter" },
            "retry": { "$ref": "#/$defs/retry" },
            "on-failure": { "$ref": "#/$defs/onFailure" },
            "needs": {
              "description": "Jobs whose last success must not be older than a span; otherwise the run ends skipped.",
              "type": "object",
              "propertyNames": { "$ref": "#/$defs/jobName" },
              "additionalProperties": { "$ref": "#/$defs/span" },
              "examples": [{ "infer": "20m" }]
            },
            "group": {
              "description": "At most one job of a group runs at a time.",
              "type": "string",
              "minLength": 1
            },
            "paused": {
              "description": "Whether the job's slots are skipped.",
              "type": "boolean"
            },
            "with": {
              "description": "The job's parameters. What may stand here belongs to the kind.",
              "type": "object"
            }
          }
        },
        "jobName": {
          "description": "A lower-case letter, then lower-case letters, digits and hyphens.",
          "type": "string",
          "pattern": "^[a-z][a-z0-9-]{0,63}$"
        },
        "zone": {
          "type": "string",
          "pattern": "^[A-Z][A-Za-z0-9_+/-]*$"
        },
        "span": {
          "description": "A length of time: 90s, 5m, 1h30m, 2d, 1w, 250ms.",
          "type": "string",
          "pattern": "^(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"
        },
        "timeout": {
          "description": "The longest that one attempt may take, 1s to 7d. 5m unless given.",
          "$ref": "#/$defs/span"
        },
        "grace": {
          "description": "How long a success may be overdue, beyond the time that its runs may take, before health fails. 10m unless given.",
          "$ref": "#/$defs/span"
        },
        "overlap": {
          "description": "What becomes of a slot that falls due while the job runs. skip: recorded, not run. queue: one waits, a newer one takes its place. skip unless given.",
          "enum": ["skip", "queue"]
        },
        "catchup": {
          "description": "What becomes of slots that fell due while nothing was running. latest: the newest runs. none: all are recorded as missed. all: all run, oldest first. latest unless given, none for jobs that place orders. Belongs to the head of a chain.",
          "enum": ["latest", "none", "all"]
        },
        "deadline": {
          "description": "How late after its slot a run may start. Unless given: until the next slot; for jobs that place orders a quarter of the interval, 15m at most.",
          "$ref": "#/$defs/span"
        },
        "jitter": {
          "description": "Moves the start of each run by a part of this, always the same part for the same name. Belongs to the head of a chain.",
          "$ref": "#/$defs/span"
        },
        "retry": {
          "description": "How a run is tried again after a fault that may pass.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "max": {
              "description": "Attempts in all. 1 unless given.",
              "type": "integer",
              "minimum": 1,
              "maximum": 100
            },
            "backoff": {
              "description": "The longest first pause and the longest pause of all: 10s..2m. Pauses double, and each is drawn at random up to that.",
              "type": "string",
              "pattern": "^[0-9a-z]+(\\.\\.[0-9a-z]+)?$",
              "examples": ["10s..2m"]
            }
          }
        },
        "onFailure": {
          "description": "What follows a run that failed.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "notify": {
              "description": "The channels to tell, instead of those of the configuration.",
              "oneOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } }
              ]
            },
            "severity": {
              "description": "How loud the alert is.",
              "enum": ["info", "warning", "critical"]
            },
            "halt-after": {
              "description": "Trading halts after so many failures in a row.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1000
            }
          }
        }
      }
    }

    """#
}
